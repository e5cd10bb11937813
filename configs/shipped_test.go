package configs_test

import (
	"testing"

	"github.com/markwatch/markwatch/configs"
)

func TestShipped(t *testing.T) {
	c, err := configs.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(c.Lists.Brands), len(c.Lists.Works), len(c.Lists.Lexicons), len(c.Rates.CNY))
}
