package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/store"
)

func newUser(c console) *cobra.Command {
	return group("user", "管理核查台的用户 manage the people of the desk",
		newUserList(c), newUserAdd(c), newUserSet(c), newUserLink(c), newUserPassword(c), newUserToken(c))
}

// people is the accounts of a deployment for one command, beside a process that
// serves it too.
func (c console) people(ctx context.Context, dir, command string, f func(context.Context, *app, *accounts.Accounts) error) (err error) {
	run := func(ctx context.Context, a *app) error { return f(ctx, a, accounts.New(a.store, accounts.Options{})) }
	a, err := c.lockedStore(ctx, dir, command) // people are no matter of lists
	if err == nil {
		defer func() { err = errors.Join(err, a.Close()) }()
		return run(ctx, a)
	}
	if markwatch.ErrorCode(err) != markwatch.CodeLocked {
		return err
	}
	if a, err = c.load(dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if a.store, err = store.OpenBeside(ctx, a.dsn(), store.Options{TimeZone: a.cfg.Deployment.Location(), Logger: a.log}); err != nil {
		return err
	}
	a.onClose(a.store.Close)
	return run(ctx, a)
}

func newUserList(c console) *cobra.Command {
	var config string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list [--config DIR]",
		Short:   "列出用户 list the people",
		Example: "  markwatch user list --config watch",
		Args:    argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.people(cmd.Context(), config, "user list", func(ctx context.Context, a *app, people *accounts.Accounts) error {
				users, err := people.Users(ctx)
				if err != nil {
					return err
				}
				var rows [][]string
				for _, u := range users {
					if asJSON {
						if err := a.json(u); err != nil {
							return err
						}
						continue
					}
					state, last := "", "–"
					if u.Disabled {
						state = "停用 kept out"
					}
					if !u.LastLogin.IsZero() {
						last = u.LastLogin.In(a.cfg.Deployment.Location()).Format(time.DateTime)
					}
					rows = append(rows, []string{u.ID, printable(u.Name, 20), string(u.Role), strings.Join(append(u.Units, u.Regions...), " "), last, state})
				}
				a.table(rows)
				return nil
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().BoolVar(&asJSON, "json", false, "输出 JSON")
	return cmd
}

// userFlags are what is said of a person on the command line.
type userFlags struct {
	name, role     string
	subject        string
	units, regions []string
}

func (f *userFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.name, "name", "", "姓名 name for colleagues")
	fl.StringVar(&f.role, "role", "", "角色 role: viewer, investigator, approver, administrator")
	fl.StringVar(&f.subject, "subject", "", "统一身份标识 subject at the provider of logins (server.sign_in)")
	fl.StringSliceVar(&f.units, "unit", nil, "只看这些单位 only leads of these units, by id")
	fl.StringSliceVar(&f.regions, "region", nil, "只看这些省 only leads of these provinces")
}

// apply puts what was said into a person.
func (f *userFlags) apply(cmd *cobra.Command, u markwatch.User) markwatch.User {
	if cmd.Flags().Changed("name") {
		u.Name = f.name
	}
	if f.role != "" {
		u.Role = markwatch.UserRole(f.role)
	}
	if cmd.Flags().Changed("subject") {
		u.Subject = f.subject
	}
	if cmd.Flags().Changed("unit") {
		u.Units = f.units
	}
	if cmd.Flags().Changed("region") {
		u.Regions = nil
		for _, r := range f.regions {
			u.Regions = append(u.Regions, index.Region(r))
		}
	}
	return u
}

func newUserAdd(c console) *cobra.Command {
	var config string
	var flags userFlags
	cmd := &cobra.Command{
		Use:   "add ID [--config DIR]",
		Short: "添加用户 add a person",
		Long: `添加用户并打印一次性链接,本人用它设置密码。

Adds a person and prints a one-time link by which they set a password.`,
		Example: "  markwatch user add lili --name 李丽 --role investigator --region 贵州 --config watch",
		Args:    argsBetween(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.people(cmd.Context(), config, "user add", func(ctx context.Context, a *app, people *accounts.Accounts) error {
				u := flags.apply(cmd, markwatch.User{ID: args[0], Role: markwatch.RoleInvestigator})
				if err := accounts.Check(u); err != nil {
					return err
				}
				if err := a.audit(ctx, "user-add", u.ID, string(u.Role)); err != nil {
					return err
				}
				if err := people.Add(ctx, u, ""); err != nil {
					return err
				}
				return a.printLink(ctx, people, u.ID, markwatch.LinkPassword)
			})
		},
	}
	configFlag(cmd, &config)
	flags.add(cmd)
	return cmd
}

func newUserSet(c console) *cobra.Command {
	var config string
	var flags userFlags
	var disable, enable, unlock bool
	cmd := &cobra.Command{
		Use:     "set ID [--config DIR]",
		Short:   "修改用户:姓名、角色、范围、停用、解锁 change a person",
		Example: "  markwatch user set lili --role approver --config watch\n  markwatch user set lili --disable --config watch",
		Args:    argsBetween(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.people(cmd.Context(), config, "user set", func(ctx context.Context, a *app, people *accounts.Accounts) error {
				u, err := people.User(ctx, args[0])
				if err != nil {
					return err
				}
				u = flags.apply(cmd, u)
				u.Disabled = disable || u.Disabled && !enable
				if err := a.audit(ctx, "user-change", u.ID, string(u.Role)); err != nil {
					return err
				}
				if unlock {
					if err := people.Unlock(ctx, u.ID); err != nil {
						return err
					}
				}
				return people.Change(ctx, u)
			})
		},
	}
	configFlag(cmd, &config)
	flags.add(cmd)
	f := cmd.Flags()
	f.BoolVar(&disable, "disable", false, "停用并退出登录 keep out, and log out")
	f.BoolVar(&enable, "enable", false, "恢复 let in again")
	f.BoolVar(&unlock, "unlock", false, "解除登录锁定 unlock after failed logins")
	cmd.MarkFlagsMutuallyExclusive("disable", "enable")
	return cmd
}

func newUserLink(c console) *cobra.Command {
	var config string
	var login bool
	cmd := &cobra.Command{
		Use:     "link ID [--config DIR]",
		Short:   "打印设置密码的一次性链接 print a one-time link to set a password",
		Example: "  markwatch user link zhangmin --config watch\n  markwatch user link zhangmin --login --config watch   # 直接登录 logs in at once",
		Args:    argsBetween(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.people(cmd.Context(), config, "user link", func(ctx context.Context, a *app, people *accounts.Accounts) error {
				purpose := markwatch.LinkPassword
				if login {
					purpose = markwatch.LinkLogin
				}
				if err := a.audit(ctx, "user-link", args[0], string(purpose)); err != nil {
					return err
				}
				return a.printLink(ctx, people, args[0], purpose)
			})
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().BoolVar(&login, "login", false, "链接直接登录一次 the link logs in once")
	return cmd
}

// printLink prints a link on standard output, with the address by which people
// reach the desk.
func (a *app) printLink(ctx context.Context, people *accounts.Accounts, id string, purpose markwatch.LinkPurpose) error {
	ttl := 48 * time.Hour
	if purpose == markwatch.LinkLogin {
		ttl = loginTTL
	}
	token, err := people.NewLink(ctx, id, purpose, ttl)
	if err != nil {
		return err
	}
	server := a.cfg.Deployment.Server
	base := strings.TrimSuffix(server.URL, "/")
	if base == "" {
		base = "http://" + server.Listen
		if server.TLS.Cert != "" {
			base = "https://" + server.Listen
		}
	}
	if _, err := io.WriteString(a.out, base+"/login?token="+token+"\n"); err != nil {
		return err
	}
	a.say("交给 %s 本人;只能用一次,%s 内有效 hand it to %s: it works once, within %s", id, ttl, id, ttl)
	return nil
}

func newUserPassword(c console) *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:   "password ID [--config DIR]",
		Short: "设置密码(从终端或标准输入读取) set a password, read from the terminal or standard input",
		Example: `  markwatch user password zhangmin --config watch
  markwatch user password zhangmin --config watch < password.txt`,
		Args: argsBetween(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.people(cmd.Context(), config, "user password", func(ctx context.Context, a *app, people *accounts.Accounts) error {
				password, err := a.readPassword()
				if err != nil {
					return err
				}
				if err := a.audit(ctx, "password", args[0], ""); err != nil {
					return err
				}
				return people.SetPassword(ctx, args[0], password)
			})
		},
	}
	configFlag(cmd, &config)
	return cmd
}

// readPassword reads a line without showing it.
func (c console) readPassword() (string, error) {
	if f, ok := c.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		c.say("新密码 new password:")
		b, err := term.ReadPassword(int(f.Fd()))
		return string(b), err
	}
	line, err := bufio.NewReader(io.LimitReader(c.in, 4096)).ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}
