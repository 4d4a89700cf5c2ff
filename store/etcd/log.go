package etcd

import (
	"context"
	"log/slog"
	"strings"

	"go.etcd.io/raft/v3"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// zapTo returns a zap logger, which etcd asks for, that writes warnings and worse to an slog logger.
func zapTo(log *slog.Logger) *zap.Logger {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return zap.New(core{log.With("part", "etcd")}, zap.WithPanicHook(panicHook{}))
}

// panicHook panics when etcd says so, but for one case. Who campaigns looks through the entries that raft has not
// been told are applied, for changes of the cluster's members. After a restart etcd may have applied entries,
// and forgotten them, a moment before it tells; lead campaigns in that moment now and then. All that is not
// there any more is applied, so raft may go on.
type panicHook struct{}

func (panicHook) OnWrite(e *zapcore.CheckedEntry, _ []zapcore.Field) {
	if !forgottenEntries(e.Message) {
		panic(e.Message)
	}
}

func forgottenEntries(message string) bool {
	return strings.HasPrefix(message, "error scanning unapplied entries") && strings.HasSuffix(message, raft.ErrCompacted.Error())
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
	return forgottenEntries(message) || strings.Contains(message, "cannot campaign at term") || strings.Contains(message, "skipping GoAttach")
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
