package main

import (
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
)

// logging is what --log-level and --log-format say of every command's log.
type logging struct{ level, format string }

// flags adds the flags to the root, and with them to every command.
func (l *logging) flags(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVar(&l.level, "log-level", "warn", "日志级别 what is logged: debug|info|warn|error")
	f.StringVar(&l.format, "log-format", "text", "日志格式 form of the log: text|json")
}

// check returns an error of CodeInvalid where a flag's value is not known.
func (l *logging) check() error {
	if _, err := l.threshold(); err != nil {
		return err
	}
	if l.format != "text" && l.format != "json" {
		return markwatch.Errorf(markwatch.CodeInvalid, "--log-format %q: 可用 known are text, json", l.format)
	}
	return nil
}

func (l *logging) threshold() (slog.Level, error) {
	switch strings.ToLower(l.level) {
	case "debug":
		return slog.LevelDebug, nil
	case "info":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	}
	return 0, markwatch.Errorf(markwatch.CodeInvalid, "--log-level %q: 可用 known are debug, info, warn, error", l.level)
}

// logger writes to w as the flags say; without them, warnings as text.
func (l *logging) logger(w io.Writer) *slog.Logger {
	opts := &slog.HandlerOptions{Level: slog.LevelWarn}
	if l == nil {
		return slog.New(slog.NewTextHandler(w, opts))
	}
	if level, err := l.threshold(); err == nil {
		opts.Level = level
	}
	if l.format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}
