package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/index"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/web"
)

// tokenVariable is the variable of the environment that holds the access token
// of the person who acts.
const tokenVariable = "MARKWATCH_TOKEN"

// maxToken bounds a token file, in bytes.
const maxToken = 4096

// identity is how a command is told who acts: by that person's access token.
type identity struct {
	file, token string
	// as is the name that earlier versions took a person's word for.
	as string
}

// identityFlags adds the flags that name the person who acts.
func identityFlags(cmd *cobra.Command, by *identity) {
	f := cmd.Flags()
	f.StringVar(&by.file, "token-file", "", "存有本人访问令牌的文件,- 为标准输入;缺省取环境变量 "+tokenVariable+" file with your access token, - is standard input; "+tokenVariable+" where absent")
	f.StringVar(&by.token, "token", "", "本人访问令牌;会出现在进程列表中,宜用 --token-file your access token; the process list shows it, --token-file does not")
	f.StringVar(&by.as, "as", "", "")
	// Marking fails for a flag that there is not.
	_ = f.MarkHidden("as")
	cmd.MarkFlagsMutuallyExclusive("token-file", "token")
}

// secret reads the token that a command was given; "" where there is none. One
// that is carried out for another process has it from there.
func (c console) secret(by *identity) (string, error) {
	if by.as != "" {
		return "", markwatch.Errorf(markwatch.CodeInvalid,
			"--as 已停用:它不核对姓名。请由本人在核查台「我的账户」建立访问令牌,经 %s 或 --token-file 使用 / --as is no more, since nobody checked the name: the person makes an access token on the desk's page My account and gives it in %s or --token-file", tokenVariable, tokenVariable)
	}
	if c.lent != nil {
		return c.lent.token, nil
	}
	switch by.file {
	case "":
		return strings.TrimSpace(cmp.Or(by.token, os.Getenv(tokenVariable))), nil
	case "-":
		return readToken(c.in)
	}
	f, err := os.Open(by.file)
	if err != nil {
		return "", markwatch.WrapError(markwatch.CodeNotFound, err, "不能读取令牌文件 the token file cannot be read")
	}
	defer f.Close()
	return readToken(f)
}

func readToken(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxToken+1))
	if err != nil {
		return "", markwatch.WrapError(markwatch.CodeUnavailable, err, "不能读取令牌 the token cannot be read")
	}
	if len(b) > maxToken {
		return "", markwatch.Errorf(markwatch.CodeInvalid, "令牌文件超过 %d 字节 / the token file is larger than %d bytes", maxToken, maxToken)
	}
	return strings.TrimSpace(string(b)), nil
}

// acting is the person by whose token a command works, or the operator of this
// machine where the command is one that the operator may give.
type acting struct {
	markwatch.User
	app *app
}

// name stands in histories and in the audit log.
func (p acting) name() string { return cmp.Or(p.ID, actor()) }

// asPerson opens a deployment for an act on leads, which takes a person: their
// token, its scopes and their role allow the act, as on the desk's API.
func (c console) asPerson(ctx context.Context, dir, command string, by *identity, needs accounts.Permission, f func(context.Context, *app, acting) error) error {
	return c.asAnybody(ctx, dir, command, by, needs, func(ctx context.Context, a *app, who acting) error {
		if who.ID == "" {
			return markwatch.Errorf(markwatch.CodeInvalid,
				"%s 须由本人办理:请经 %s 或 --token-file 给出本人的访问令牌(核查台「我的账户」建立,权限 %s) / %s is done by a person: give your access token in %s or --token-file (made on the desk's page My account, scope %s)",
				command, tokenVariable, needs, command, tokenVariable, needs)
		}
		return f(ctx, a, who)
	})
}

// asAnybody is asPerson where the operator of this machine may act, too: who
// gives no token is the operator.
func (c console) asAnybody(ctx context.Context, dir, command string, by *identity, needs accounts.Permission, f func(context.Context, *app, acting) error) error {
	token, err := c.secret(by)
	if err != nil {
		return err
	}
	c.token = token
	return c.with(ctx, dir, command, func(ctx context.Context, a *app) error {
		who, err := a.bearer(ctx, token, command, needs)
		if err != nil {
			return err
		}
		a.acting = who.ID
		return f(ctx, a, who)
	})
}

// bearer is whose a token is, if it allows what is needed.
func (a *app) bearer(ctx context.Context, token, command string, needs accounts.Permission) (acting, error) {
	who := acting{app: a}
	if token == "" {
		return who, nil
	}
	t, u, err := accounts.New(a.store, accounts.Options{}).Bearer(ctx, token)
	if markwatch.ErrorCode(err) == markwatch.CodeNotFound {
		return who, markwatch.Errorf(markwatch.CodeInvalid, "访问令牌无效、已过期、已撤销或其所有人已停用 / the access token is unknown, has expired, was taken back, or its person is kept out")
	}
	if err != nil {
		return who, err
	}
	if !accounts.May(u.Role, needs) || !accounts.Granted(t.Scopes, needs) {
		refused := store.AuditEntry{At: time.Now(), Actor: u.ID, Remote: actor(), Action: string(web.AuditRefused), Object: command, Detail: string(needs)}
		err := markwatch.Errorf(markwatch.CodeConflict, "%s 的角色或令牌没有权限 %s / the role or the token of %s has no permission %s", u.ID, needs, u.ID, needs)
		return who, errors.Join(err, a.store.Audit(ctx, refused))
	}
	who.User = u
	return who, nil
}

// sees says whether a lead lies within the bounds of who acts, by the rules of
// the desk: what has no unit or no region lies in none.
func (p acting) sees(l *markwatch.Lead) bool {
	return index.Within(p.Bounds, &l.Listing, func() []string { return p.app.unitsOf(l.Listing, l.Verdict, l) })
}

// lead is a lead that who acts may see.
func (p acting) lead(ctx context.Context, number string) (markwatch.Lead, error) {
	l, err := p.app.store.Lead(ctx, number)
	if err == nil && !p.sees(&l) {
		err = noLead(number)
	}
	return l, err
}

// update changes a lead that who acts may see.
func (p acting) update(ctx context.Context, number string, apply func(markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error)) (markwatch.Lead, error) {
	return p.app.store.UpdateLead(ctx, number, func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		if !p.sees(&l) {
			return l, nil, noLead(number)
		}
		return apply(l)
	})
}

func noLead(number string) error {
	return markwatch.Errorf(markwatch.CodeNotFound, "没有线索 %s / there is no lead %s", number, number)
}

// secondEyes refuses the one who confirmed a lead also under the name that they
// have beside the login, as earlier versions wrote it down.
func (p acting) secondEyes(l *markwatch.Lead) error {
	if finder := l.Handling.ConfirmedBy; finder != "" && p.Name != "" && leads.SamePerson(finder, p.Name) {
		return markwatch.Errorf(markwatch.CodeConflict,
			"批准须由确认人(%s)以外的人进行 / approval takes another person than the one who confirmed (%s)", finder, finder)
	}
	return nil
}

// refusal is what the audit log keeps of an act that was not carried out.
func (p acting) refusal(ctx context.Context, action, object string, cause error) error {
	if p.ID == "" || ctx.Err() != nil {
		return cause
	}
	return errors.Join(cause, p.app.audit(ctx, string(web.AuditLeadRefused), object, fmt.Sprintf("%s %s", action, markwatch.ErrorCode(cause))))
}
