package main

import (
	"context"
	"errors"

	"github.com/markwatch/markwatch"
)

// Exit codes, as `markwatch --help` documents them.
const (
	exitOK          = 0
	exitInternal    = 1
	exitInvalid     = 2
	exitNotFound    = 3
	exitConflict    = 4
	exitLocked      = 5
	exitUnavailable = 6
	exitCanceled    = 130
)

const exitHelp = `退出码 Exit codes:
  0    成功 done
  1    程序故障 a fault of the program
  2    输入有误:参数、配置或文件 wrong input: flags, configuration or a file
  3    找不到 what was asked for does not exist
  4    当前状态不允许 not allowed in the present state
  5    数据目录被另一进程占用(serve 运行时,多数命令由它代办) another process holds the data folder; beside serve, most commands are carried out by it
  6    需要的服务、站点或磁盘不可用,或扫描不完整 a service, site or disk cannot be used, or a scan is incomplete
  130  被中断,可用同一命令继续 interrupted; the same command goes on`

// exitCode maps an error to the code that the process ends with.
func exitCode(err error) int {
	var told answered
	if errors.As(err, &told) {
		return int(told)
	}
	if errors.Is(err, context.Canceled) {
		return exitCanceled
	}
	switch markwatch.ErrorCode(err) {
	case "":
		return exitOK
	case markwatch.CodeInvalid:
		return exitInvalid
	case markwatch.CodeNotFound:
		return exitNotFound
	case markwatch.CodeConflict:
		return exitConflict
	case markwatch.CodeLocked:
		return exitLocked
	case markwatch.CodeUnavailable:
		return exitUnavailable
	case markwatch.CodeCanceled:
		return exitCanceled
	default:
		return exitInternal
	}
}
