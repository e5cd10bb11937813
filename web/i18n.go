package web

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/markwatch/markwatch"
)

//go:embed messages.yaml
var messageFile embed.FS

// lang is a language of the desk.
type lang string

const (
	langZH lang = "zh"
	langEN lang = "en"
)

// languages are those that every message has; the first is the default.
var languages = [...]lang{langZH, langEN}

const langCookie = "markwatch_lang"

// catalogue holds every message by key and language.
type catalogue map[string]map[lang]string

func loadCatalogue() (catalogue, error) {
	b, err := messageFile.ReadFile("messages.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the message catalogue: %w", err)
	}
	var c catalogue
	if err := yaml.Unmarshal(b, &c); err != nil {
		return nil, fmt.Errorf("read the message catalogue: %w", err)
	}
	return c, nil
}

// text returns a message with its arguments set in, or the key itself where
// there is no such message, so that a mistake is seen.
func (c catalogue) text(l lang, key string, args ...any) string {
	m, ok := c[key][l]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return m
	}
	return fmt.Sprintf(m, args...)
}

// word returns the message of prefix.name, or name where the catalogue does
// not know it: names that rule packs and pages bring along.
func (c catalogue) word(l lang, prefix, name string) string {
	if m, ok := c[prefix+"."+name][l]; ok {
		return m
	}
	return name
}

type langKey struct{}

// withLanguage picks the language of a request, once: ?lang=, else the
// cookie, else the default. An explicit choice is remembered for a year.
func withLanguage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l := languages[0]
		if c, err := r.Cookie(langCookie); err == nil {
			if known, ok := knownLang(c.Value); ok {
				l = known
			}
		}
		if chosen, ok := knownLang(r.URL.Query().Get("lang")); ok {
			l = chosen
			http.SetCookie(w, &http.Cookie{
				Name: langCookie, Value: string(l), Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()),
				HttpOnly: true, Secure: overTLS(r), SameSite: http.SameSiteLaxMode,
			})
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), langKey{}, l)))
	})
}

func language(r *http.Request) lang {
	if l, ok := r.Context().Value(langKey{}).(lang); ok {
		return l
	}
	return languages[0]
}

func knownLang(s string) (lang, bool) {
	l := lang(s)
	return l, slices.Contains(languages[:], l)
}

// pick returns the text of a language, else the other one.
func pick(l lang, t markwatch.Text) string {
	if (l == langEN && t.EN != "") || t.ZH == "" {
		return t.EN
	}
	return t.ZH
}
