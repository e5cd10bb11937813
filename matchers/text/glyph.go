package text

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed components.txt.gz
var componentTable []byte

// glyphs knows what characters are made of.
type glyphs struct {
	// parts are the ways to take a character apart: 耐 is 而寸.
	parts map[rune][][]rune
	// alike are simple characters that are taken for one another.
	alike map[rune]string
}

func newGlyphs(f *Folder) (*glyphs, error) {
	g := &glyphs{parts: map[rune][][]rune{}, alike: map[rune]string{}}
	err := readPairs(componentTable, func(from, to []rune) {
		// As texts are folded: 馬 is 马 there.
		c, parts := slices.Clone(from), slices.Clone(to)
		f.simplify(c)
		f.simplify(parts)
		g.parts[c[0]] = append(g.parts[c[0]], parts)
	})
	if err != nil {
		return nil, fmt.Errorf("components of characters: %w", err)
	}
	for group := range strings.FieldsSeq(alikeGroups) {
		for _, r := range group {
			g.alike[r] += group
		}
	}
	return g, nil
}

// alikeGroups are simple characters that differ by a stroke.
const alikeGroups = `己已巳 末未 土士 日曰目 干千于 天夭无 大太犬 王玉主 人入八 刀力刃 白自百 鸟乌 免兔 令今 洒酒 候侯 茶荼 戊戌戍 木本术禾
田由甲申 贝见 甩用 要耍 崇祟 拨拔 折拆 师帅 冶治 晴睛 密蜜 雪雷 古舌 仑仓 仿访纺 辛幸 皿血 乒乓 雅稚 官宫 氏民 衣农 万方 广厂 马鸟 风凤 友反
壮状 斤斥 币市 辨辩 心必 巨臣 科料 哈恰 荣菜 普晋 兄克 尔你 兰三 毫亳 云去 卡下 贡页 西酉 乐东 特持 诗持 复夏 斯期 奈奈 香杳 古占 驰弛 苹萍 果杲
茅苐 台合 李季 宁丁 贵责 泸沪 洋样 汾沧 剑创 劲动 郎朗 习刁 力办 今令 五丑 粮根 液夜`

// radicals are components that say little of how a character looks, since so
// many share them.
const radicals = "氵水亻人扌手讠言艹艸草木口女土王玉金钅纟糸火灬日月目石禾竹米虫衤衣示礻疒宀广厂辶辵走足阝阜邑刂刀力又忄心犭犬饣食马鱼鸟山巾车门囗尸彳酉贝页雨十"

// near says that two characters are taken for one another by the eye: they
// share more than a radical, or one is the other with a radical added.
func (g *glyphs) near(a, b rune) bool {
	if strings.ContainsRune(g.alike[a], b) {
		return true
	}
	return g.grown(a, b) || g.grown(b, a) || g.share(a, b)
}

// grown says that a is b and a radical: 茅 is 矛 under grass.
func (g *glyphs) grown(a, b rune) bool {
	for _, parts := range g.parts[a] {
		if len(parts) != 2 {
			continue
		}
		if parts[0] == b && strings.ContainsRune(radicals, parts[1]) || parts[1] == b && strings.ContainsRune(radicals, parts[0]) {
			return true
		}
	}
	return false
}

func (g *glyphs) share(a, b rune) bool {
	for _, p := range g.parts[a] {
		for _, q := range g.parts[b] {
			if len(p) != 2 || len(q) != 2 {
				continue
			}
			for i := range p {
				if p[i] == q[i] && !strings.ContainsRune(radicals, p[i]) {
					return true
				}
			}
		}
	}
	return false
}
