package web

import (
	"net/http"

	"github.com/markwatch/markwatch/accounts"
)

// colleague is one to whom a lead can be given.
type colleague struct {
	ID, Name string
	Self, On bool
}

// colleagues are those who may handle leads, oneself first. now is the id of
// who has the lead.
func (d *desk) colleagues(r *http.Request, now string) ([]colleague, error) {
	users, err := d.cfg.Accounts.Users(r.Context())
	if err != nil {
		return nil, err
	}
	var out []colleague
	for _, u := range users {
		if u.Disabled || !accounts.May(u.Role, accounts.Decide) {
			continue
		}
		c := colleague{ID: u.ID, Name: u.Shown(), Self: u.ID == actorOf(r), On: u.ID == now}
		if c.Self {
			out = append([]colleague{c}, out...)
			continue
		}
		out = append(out, c)
	}
	return out, nil
}

// nameOf is a person's name for colleagues; what is no person's id is shown as
// it stands.
func (d *desk) nameOf(r *http.Request, id string) string {
	if id == "" {
		return ""
	}
	u, err := d.cfg.Accounts.User(r.Context(), id)
	if err != nil {
		return id
	}
	return u.Shown()
}
