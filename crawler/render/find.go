package render

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/markwatch/markwatch"
)

// install is the advice that every error about a missing browser ends with.
const install = "install Chromium (Debian, Ubuntu: apt install chromium; Fedora: dnf install chromium; macOS: brew install --cask chromium) or name the program in engines.browser"

// EngineNone turns rendering off.
const EngineNone = "none"

// Find returns the program or DevTools address that an engine stands for:
// "auto" or "" looks for Chromium or Chrome in PATH and in the usual places, a
// path or program name stands for itself, and so does a ws://, wss://, http://
// or https:// address. Where there is none, and for "none", the error has
// markwatch.CodeUnavailable and says what to install; an address that is none
// has markwatch.CodeInvalid.
func Find(engine string) (string, error) {
	switch {
	case engine == EngineNone:
		return "", markwatch.Errorf(markwatch.CodeUnavailable, "rendering is turned off (engines.browser: none)")
	case remote(engine):
		if u, err := url.Parse(engine); err != nil || u.Host == "" {
			return "", markwatch.Errorf(markwatch.CodeInvalid, "engines.browser: %q is no DevTools address; write ws://host:port or http://host:port", engine)
		}
		return engine, nil
	case engine != "" && engine != "auto":
		path, err := exec.LookPath(engine)
		if err != nil {
			return "", markwatch.WrapError(markwatch.CodeUnavailable, err, "no browser at %s; %s", engine, install)
		}
		return path, nil
	}
	for _, name := range [...]string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless_shell", "chrome-headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	for _, path := range usualPlaces() {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, nil
		}
	}
	return "", markwatch.Errorf(markwatch.CodeUnavailable, "no Chromium or Chrome on this machine; %s", install)
}

func remote(engine string) bool {
	for _, scheme := range [...]string{"ws://", "wss://", "http://", "https://"} {
		if strings.HasPrefix(strings.ToLower(engine), scheme) {
			return true
		}
	}
	return false
}

// spoken is an engine as it may stand in a log: a DevTools address without what
// may be a secret in it.
func spoken(engine string) string {
	u, err := url.Parse(engine)
	if !remote(engine) || err != nil {
		return engine
	}
	return u.Scheme + "://" + u.Host
}

// usualPlaces are where installers put the browser without telling PATH.
func usualPlaces() []string {
	switch runtime.GOOS {
	case "darwin":
		home, _ := os.UserHomeDir()
		var places []string
		for _, root := range [...]string{"/Applications", filepath.Join(home, "Applications")} {
			places = append(places, root+"/Chromium.app/Contents/MacOS/Chromium",
				root+"/Google Chrome.app/Contents/MacOS/Google Chrome")
		}
		return places
	case "windows":
		var places []string
		for _, root := range [...]string{os.Getenv("ProgramFiles"), os.Getenv("ProgramFiles(x86)"), os.Getenv("LocalAppData")} {
			if root != "" {
				places = append(places, filepath.Join(root, "Chromium", "Application", "chrome.exe"),
					filepath.Join(root, "Google", "Chrome", "Application", "chrome.exe"))
			}
		}
		return places
	default:
		return []string{"/usr/lib/chromium/chromium", "/usr/lib/chromium-browser/chromium-browser", "/opt/google/chrome/chrome",
			"/opt/chromium/chrome", "/snap/bin/chromium", "/headless-shell/headless-shell"}
	}
}
