package extract

import "testing"

func TestLanguage(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"declared":                  {`<html lang="de-AT"><p>Fernbedienung`, "de-AT"},
		"declared with underscore":  {`<html lang="pt_BR"><p>Caneca`, "pt-BR"},
		"by Open Graph":             {`<meta property="og:locale" content="fr_CA"><p>Tasse`, "fr-CA"},
		"template in English":       {`<html lang="en"><p>不锈钢保温杯 大容量 Thermos`, "zh"},
		"Japanese":                  {`<p>有田焼の急須をお届けします`, "ja"},
		"Korean":                    {`<p>국산 참기름`, "ko"},
		"Ukrainian":                 {`<p>Чайник електричний, її потужність`, "uk"},
		"Russian":                   {`<p>Чайник электрический`, "ru"},
		"Hebrew":                    {`<p>מחשב נייח HP`, "he"},
		"German by its small words": {`<p>Wir liefern die Schuhe und das Zubehör mit der Post, nicht mit dem Boten`, "de"},
		"Polish by its small words": {`<p>Produkt nie jest dostępny oraz nie wysyła się przez pocztę`, "pl"},
		"too little":                {`<p>iPhone 12`, ""},
		"nothing":                   {``, ""},
	} {
		d, err := Parse(fuzzPage("https://shop.example/", "text/html; charset=utf-8", []byte(c.body)))
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Language(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
