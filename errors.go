package markwatch

import (
	"errors"
	"fmt"
)

// Code says what kind of failure an Error is. The edge (command line, web)
// maps it once, to an exit code or an HTTP status.
type Code string

// The kinds of failure that callers tell apart.
const (
	CodeInternal    Code = "internal"    // a fault of the program
	CodeInvalid     Code = "invalid"     // the input is wrong
	CodeNotFound    Code = "not-found"   // what was asked for does not exist
	CodeConflict    Code = "conflict"    // the step is not allowed in the present state
	CodeLocked      Code = "locked"      // another process holds the data folder
	CodeUnavailable Code = "unavailable" // a service, site or disk that is needed cannot be used now
	CodeCanceled    Code = "canceled"    // a person or a signal stopped the work
)

// Error is an error with a code for programs and a message for people. The
// message says what to do next where that is known; Err is the cause, for logs.
type Error struct {
	Code    Code
	Message string
	Err     error
}

// Error joins the message and the cause.
func (e *Error) Error() string {
	switch {
	case e.Err == nil:
		return e.Message
	case e.Message == "":
		return e.Err.Error()
	default:
		return e.Message + ": " + e.Err.Error()
	}
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an Error without a cause.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// WrapError gives a cause a code and a message for people.
func WrapError(code Code, err error, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Err: err}
}

// ErrorCode returns the code of the first Error in err's chain, CodeInternal
// for any other error and "" for nil.
func ErrorCode(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
