package web

import (
	"net/http"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
)

// meShown says who calls and what they may do.
type meShown struct {
	User   markwatch.User        `json:"user"`
	Scopes []accounts.Permission `json:"scopes" doc:"可用的权限 / what this caller may do"`
}

type tokenInput struct {
	Body struct {
		Name   string   `json:"name" maxLength:"60" doc:"用途 / what it is for"`
		Scopes []string `json:"scopes" minItems:"1" maxItems:"4" doc:"权限 / scopes: see, decide, approve, administer"`
		Days   int      `json:"days" minimum:"1" maximum:"365" default:"30" doc:"有效天数 / life in days"`
	}
}

type tokenMade struct {
	markwatch.AccessToken
	Token string `json:"token" doc:"只在这里出现一次 / shown this once"`
}

// IDParam is an id in a path of the API.
type IDParam struct {
	ID string `path:"id" maxLength:"64"`
}

// PersonBody is what is set on a person.
type PersonBody struct {
	Name     string   `json:"name,omitempty" maxLength:"60" doc:"姓名 / name for colleagues"`
	Role     string   `json:"role" enum:"viewer,investigator,approver,administrator" doc:"角色 / role"`
	Units    []string `json:"units,omitempty" maxItems:"100" doc:"只看这些单位 / only leads of these units"`
	Regions  []string `json:"regions,omitempty" maxItems:"100" doc:"只看这些省 / only leads of these provinces"`
	Subject  string   `json:"subject,omitempty" maxLength:"255" doc:"统一身份标识 / subject at the provider of logins"`
	Disabled bool     `json:"disabled,omitempty" doc:"停用 / keep out"`
}

func (p PersonBody) user(id string) markwatch.User {
	return markwatch.User{
		ID: id, Name: p.Name, Role: markwatch.UserRole(p.Role), Disabled: p.Disabled, Subject: p.Subject,
		Bounds: markwatch.Bounds{Units: p.Units, Regions: p.Regions},
	}
}

type addPersonInput struct {
	Body struct {
		ID string `json:"id" maxLength:"40" doc:"用户名 / login name"`
		PersonBody
	}
}

type changePersonInput struct {
	IDParam
	Body PersonBody
}

type linkShown struct {
	Link string `json:"link" doc:"设置密码的一次性链接 / one-time link to set a password"`
}

type auditInput struct {
	Actor  string `query:"actor" maxLength:"100" doc:"何人 / who"`
	Action string `query:"action" maxLength:"50" doc:"何事 / what"`
	Text   string `query:"text" maxLength:"200" doc:"含有文字 / text in the object or the detail"`
	Since  string `query:"since" maxLength:"10" doc:"自哪天 / from day" example:"2026-11-01"`
	Until  string `query:"until" maxLength:"10" doc:"至哪天 / to day" example:"2026-11-30"`
	Before int64  `query:"before" minimum:"0" doc:"此序号之前 / lines before this number"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (a *api) people() {
	register(a, a.operation("get-me", http.MethodGet, "/me", accounts.See, "account", "我是谁 / Who am I"), a.me)
	register(a, a.operation("list-tokens", http.MethodGet, "/me/tokens", accounts.See, "account", "我的令牌 / My tokens"), a.tokens)
	register(a, a.operation("add-token", http.MethodPost, "/me/tokens", accounts.See, "account", "新建令牌 / Make a token"), a.addToken)
	register(a, a.operation("revoke-token", http.MethodDelete, "/me/tokens/{id}", accounts.See, "account", "撤销令牌 / Take a token back"), a.revokeToken)
	register(a, a.operation("list-people", http.MethodGet, "/people", accounts.Administer, "people", "用户 / People"), a.listPeople)
	register(a, a.operation("add-person", http.MethodPost, "/people", accounts.Administer, "people", "添加用户 / Add a person"), a.addPerson)
	register(a, a.operation("change-person", http.MethodPut, "/people/{id}", accounts.Administer, "people", "修改用户 / Change a person"), a.changePerson)
	register(a, a.operation("link-person", http.MethodPost, "/people/{id}/link", accounts.Administer, "people", "设置密码的链接 / A link to set a password"), a.linkPerson)
	register(a, a.operation("list-audit", http.MethodGet, "/audit", accounts.Administer, "audit", "审计日志 / The audit log"), a.auditLog)
}

func (a *api) me(r *http.Request, _ *nothing) (*answer[meShown], error) {
	p := personOf(r)
	out := meShown{User: p.User}
	for _, s := range accounts.Permissions() {
		if p.may(s) {
			out.Scopes = append(out.Scopes, s)
		}
	}
	return &answer[meShown]{out}, nil
}

func (a *api) tokens(r *http.Request, _ *nothing) (*answer[[]markwatch.AccessToken], error) {
	list, err := a.d.cfg.Accounts.TokensOf(r.Context(), actorOf(r))
	if list == nil {
		list = []markwatch.AccessToken{}
	}
	return &answer[[]markwatch.AccessToken]{list}, err
}

func (a *api) addToken(r *http.Request, in *tokenInput) (*answer[tokenMade], error) {
	p := personOf(r)
	var scopes []accounts.Permission
	for _, s := range in.Body.Scopes {
		if !p.may(accounts.Permission(s)) {
			return nil, markwatch.Errorf(markwatch.CodeInvalid, "没有权限 %q 可授 / there is no permission %q to give", s, s)
		}
		scopes = append(scopes, accounts.Permission(s))
	}
	if err := a.d.audit(r, p.ID, AuditTokenAdd, in.Body.Name, ""); err != nil {
		return nil, err
	}
	secret, t, err := a.d.cfg.Accounts.NewToken(detached(r), p.User, in.Body.Name, scopes, time.Duration(in.Body.Days)*24*time.Hour)
	return &answer[tokenMade]{tokenMade{t, secret}}, err
}

func (a *api) revokeToken(r *http.Request, in *IDParam) (*nothing, error) {
	err := a.d.audit(r, actorOf(r), AuditTokenRevoke, in.ID, "")
	if err == nil {
		err = a.d.cfg.Accounts.Revoke(detached(r), actorOf(r), in.ID)
	}
	return &nothing{}, err
}

func (a *api) listPeople(r *http.Request, _ *nothing) (*answer[[]markwatch.User], error) {
	if err := a.d.audit(r, actorOf(r), AuditPageView, "/people", "api"); err != nil {
		return nil, err
	}
	users, err := a.d.cfg.Accounts.Users(r.Context())
	return &answer[[]markwatch.User]{users}, err
}

func (a *api) addPerson(r *http.Request, in *addPersonInput) (*answer[linkShown], error) {
	u, err := a.d.checkPerson(in.Body.user(in.Body.ID))
	if err == nil {
		err = a.d.audit(r, actorOf(r), AuditUserAdd, u.ID, describe(u))
	}
	if err == nil {
		err = a.d.cfg.Accounts.Add(detached(r), u, "")
	}
	if err != nil {
		return nil, err
	}
	return a.linkPerson(r, &IDParam{u.ID})
}

func (a *api) changePerson(r *http.Request, in *changePersonInput) (*answer[markwatch.User], error) {
	if err := a.d.putPerson(r, in.Body.user(in.ID)); err != nil {
		return nil, err
	}
	u, err := a.d.cfg.Accounts.User(r.Context(), in.ID)
	return &answer[markwatch.User]{u}, err
}

func (a *api) linkPerson(r *http.Request, in *IDParam) (*answer[linkShown], error) {
	link, err := a.d.newLink(r, in.ID)
	return &answer[linkShown]{linkShown{link}}, err
}

func (a *api) auditLog(r *http.Request, in *auditInput) (*answer[[]markwatch.AuditEntry], error) {
	d := a.d
	f := markwatch.AuditFilter{Actor: in.Actor, Action: in.Action, Text: in.Text, Before: in.Before, Limit: in.Limit}
	var err error
	if f.Since, err = d.dayOf(in.Since, 0); err != nil {
		return nil, err
	}
	if f.Until, err = d.dayOf(in.Until, 1); err != nil {
		return nil, err
	}
	if d.cfg.AuditLog == nil {
		return nil, markwatch.Errorf(markwatch.CodeUnavailable, "there is no audit log to read")
	}
	if err := d.audit(r, actorOf(r), AuditPageView, "/audit", r.URL.RawQuery); err != nil {
		return nil, err
	}
	entries, err := d.cfg.AuditLog.AuditLog(r.Context(), f)
	if entries == nil {
		entries = []markwatch.AuditEntry{}
	}
	return &answer[[]markwatch.AuditEntry]{entries}, err
}
