package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/web"
)

func newUserToken(c console) *cobra.Command {
	var config, name string
	var scopes []string
	var days int
	cmd := &cobra.Command{
		Use:   "token ID [--config DIR]",
		Short: "本人凭密码建立访问令牌 make an access token for yourself, by your password",
		Long: `本人输入自己的密码(从终端或标准输入读取),建立命令行与接口使用的访问令牌;令牌只显示这一次,与在核查台
「我的账户」所建的相同。权限 scope:see 查看,decide 办理,approve 批准与移送,administer 管理;不超过本人角色。

Asks for the person's own password and prints an access token for the command line and the API, once. It is the same as one
that is made on the desk's page My account, and never goes beyond the person's role.`,
		Example: `  markwatch user token zhangmin --scope see,decide --config watch > zhangmin.token
  markwatch leads act confirm --config watch --token-file zhangmin.token 2026-0001`,
		Args: argsBetween(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if days < 1 || days > 3660 {
				return markwatch.Errorf(markwatch.CodeInvalid, "--days 应在 1 与 3660 之间 / must be between 1 and 3660")
			}
			return c.people(cmd.Context(), config, "user token", func(ctx context.Context, a *app, people *accounts.Accounts) error {
				password, err := a.readPassword()
				if err != nil {
					return err
				}
				session, u, err := people.Login(ctx, args[0], password, "command line")
				if err != nil {
					return loginFault(err)
				}
				if err := people.Close(ctx, session); err != nil {
					return err
				}
				var wanted []accounts.Permission
				for _, s := range scopes {
					wanted = append(wanted, accounts.Permission(strings.TrimSpace(s)))
				}
				secret, t, err := people.NewToken(ctx, u, name, wanted, time.Duration(days)*24*time.Hour)
				if err != nil {
					return err
				}
				a.acting = u.ID
				if err := a.audit(ctx, string(web.AuditTokenAdd), t.ID, t.Name+" "+strings.Join(t.Scopes, " ")); err != nil {
					return errors.Join(err, people.Revoke(ctx, u.ID, t.ID))
				}
				_, err = io.WriteString(a.out, secret+"\n")
				return err
			})
		},
	}
	configFlag(cmd, &config)
	f := cmd.Flags()
	f.StringVar(&name, "name", "命令行 command line", "用途 what it is for")
	f.StringSliceVar(&scopes, "scope", []string{string(accounts.See), string(accounts.Decide)}, "权限 scopes: see, decide, approve, administer")
	f.IntVar(&days, "days", 90, "有效天数 days that it lasts")
	return cmd
}

// loginFault gives a lock a code: the way is open again later.
func loginFault(err error) error {
	var locked *accounts.LockedError
	if errors.As(err, &locked) {
		return markwatch.WrapError(markwatch.CodeConflict, err, "密码错误次数过多,请稍后再试 too many wrong passwords, try again later")
	}
	return err
}
