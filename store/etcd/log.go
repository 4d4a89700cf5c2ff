package etcd

import (
	"context"
	"log/slog"
	"strings"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// zapTo returns a zap logger, which etcd asks for, that writes warnings and worse to an slog logger.
func zapTo(log *slog.Logger) *zap.Logger {
	if log == nil {
		return zap.NewNop()
	}
	return zap.New(core{log.With("part", "etcd")})
}

type core struct{ log *slog.Logger }

func (c core) Enabled(l zapcore.Level) bool {
	return l >= zapcore.WarnLevel && c.log.Enabled(context.Background(), level(l))
}

func (c core) With(fields []zapcore.Field) zapcore.Core {
	return core{slog.New(c.log.Handler().WithAttrs(attrs(fields)))}
}

func (c core) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(e.Level) && !expected(e.Message) {
		return ce.AddCore(e, c)
	}
	return ce
}

// expected tells warnings that every start or stop gives: Start campaigns before it may, and a new database has no
// schema version during its first seconds.
func expected(message string) bool {
	switch message {
	case "failed to update cluster version", "Failed to detect schema version", "failed to update storage version", "check file permission":
		return true
	}
	return strings.Contains(message, "cannot campaign at term") || strings.Contains(message, "skipping GoAttach")
}

func (c core) Write(e zapcore.Entry, fields []zapcore.Field) error {
	c.log.LogAttrs(context.Background(), level(e.Level), e.Message, attrs(fields)...)
	return nil
}

func (c core) Sync() error { return nil }

func attrs(fields []zapcore.Field) []slog.Attr {
	enc := zapcore.NewMapObjectEncoder()
	out := make([]slog.Attr, 0, len(fields))
	for _, f := range fields {
		f.AddTo(enc)
		if v, ok := enc.Fields[f.Key]; ok {
			out = append(out, slog.Any(f.Key, v))
		}
	}
	return out
}

func level(l zapcore.Level) slog.Level {
	if l >= zapcore.ErrorLevel {
		return slog.LevelError
	}
	return slog.LevelWarn
}
