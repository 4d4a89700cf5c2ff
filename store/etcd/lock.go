package etcd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/etcd/client/pkg/v3/fileutil"
)

// lock takes the folder for this process: a file of our own, as etcd's files may not exist yet, and a look
// at etcd's database, which an etcd of another program would hold. etcd itself would wait for it for ever.
func lock(dir string) (*fileutil.LockedFile, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	own, err := tryLock(dir, filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR)
	if err != nil {
		return nil, err
	}
	db, err := tryLock(dir, filepath.Join(dir, "member", "snap", "db"), os.O_RDWR)
	if errors.Is(err, os.ErrNotExist) {
		return own, nil
	}
	if err != nil {
		own.Close()
		return nil, err
	}
	return own, db.Close()
}

func tryLock(dir, path string, flag int) (*fileutil.LockedFile, error) {
	f, err := fileutil.TryLockFile(path, flag, 0o600)
	if errors.Is(err, fileutil.ErrLocked) {
		return nil, &LockedError{Dir: dir}
	}
	if err != nil {
		return nil, fmt.Errorf("lock the data: %w", err)
	}
	return f, nil
}
