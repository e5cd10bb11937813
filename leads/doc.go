// Package leads holds what happens to a lead (线索) once people have it: the
// steps that are allowed between its states, and the forms in which leads
// leave the program. It does no I/O but for the writers that it is given.
package leads
