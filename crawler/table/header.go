package table

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
)

// known are the headers by which tables call a field, as plain writes them,
// the better one first where a table may have several.
var known = map[string][]string{
	"title":           {"商品标题", "标题", "商品名称", "商品名", "宝贝标题", "宝贝名称", "产品名称", "产品标题", "货品名称", "作品名称", "title", "producttitle", "productname", "itemname", "itemtitle", "goodsname", "name", "名称"},
	"url":             {"商品链接", "链接", "网址", "商品网址", "商品地址", "商品url", "链接地址", "宝贝链接", "详情链接", "页面地址", "url", "link", "producturl", "itemurl", "productlink"},
	"id":              {"listingid"},
	"item_id":         {"商品id", "商品编号", "宝贝id", "itemid", "productid", "goodsid", "商品编码", "货品id", "offerid", "id"},
	"sku":             {"skuid", "sku", "货号", "规格编码"},
	"platform":        {"平台", "平台名称", "电商平台", "所属平台", "platform", "market", "marketplace"},
	"price":           {"券后价", "到手价", "成交价", "实付价", "销售价", "售价", "现价", "促销价", "活动价", "价格", "商品价格", "单价", "finalprice", "saleprice", "currentprice", "price", "unitprice"},
	"list_price":      {"原价", "市场价", "划线价", "吊牌价", "标价", "listprice", "originalprice", "initialprice", "marketprice", "msrp"},
	"currency":        {"币种", "货币", "currency", "currencycode"},
	"brand":           {"品牌", "商品品牌", "品牌名称", "brand", "brandname"},
	"category":        {"类目", "商品类目", "分类", "商品分类", "品类", "类别", "categorytree", "breadcrumb", "breadcrumbs", "categorypath", "category", "productcategory"},
	"description":     {"描述", "商品描述", "商品详情", "详情", "简介", "productdescription", "description"},
	"seller.name":     {"店铺", "店铺名称", "店铺名", "卖家", "卖家名称", "商家", "商家名称", "掌柜", "掌柜名", "商户名称", "seller", "sellername", "shop", "shopname", "store", "storename", "merchant"},
	"seller.id":       {"店铺id", "卖家id", "商家id", "商户id", "sellerid", "shopid", "storeid", "merchantid"},
	"seller.url":      {"店铺链接", "店铺网址", "店铺地址", "shopurl", "sellerurl", "storeurl"},
	"seller.kind":     {"店铺类型", "卖家类型", "商家类型", "sellertype", "shoptype"},
	"seller.region":   {"店铺所在地", "卖家所在地", "商家所在地", "所在地", "所在地区", "经营地", "注册地", "sellerregion", "sellerlocation"},
	"seller.license":  {"统一社会信用代码", "社会信用代码", "营业执照号", "营业执照", "注册号", "license"},
	"seller.contacts": {"联系方式", "联系电话", "电话", "手机", "手机号", "微信", "微信号", "qq", "邮箱", "contact", "contacts", "phone"},
	"sales":           {"销量", "月销量", "总销量", "累计销量", "销售数量", "已售", "付款人数", "numbersold", "sold", "sales", "salescount", "soldcount"},
	"availability":    {"库存状态", "上架状态", "商品状态", "availability", "instock", "stockstatus", "库存", "stock"},
	"condition":       {"成色", "新旧程度", "condition"},
	"quantity":        {"规格", "净含量", "包装规格", "quantity", "packsize"},
	"ships_from":      {"发货地", "发货地址", "宝贝所在地", "商品所在地", "shipsfrom", "shipfrom", "itemlocation"},
	"delivery":        {"发货时间", "配送", "delivery", "deliverytime"},
	"images":          {"商品图片", "图片", "主图", "图片链接", "图片地址", "主图链接", "imageurls", "images", "image", "imageurl", "mainimage", "picture"},
	"rating":          {"评分", "商品评分", "rating", "score"},
	"attributes":      {"商品属性", "属性", "参数", "规格参数", "attributes", "specifications", "productspecifications", "otherattributes"},
	"tracking":        {"快递单号", "物流单号", "运单号", "trackingnumber"},
	"text":            {"备注", "评价", "买家评价", "店铺公告", "聊天记录", "remarks", "notes"},
	"fetched_at":      {"采集时间", "抓取时间", "采集日期", "发现时间", "日期", "时间", "更新时间", "fetchedat", "crawledat", "date", "timestamp"},
}

// serial are headers of what says nothing of the offer.
var serial = []string{"序号", "编号", "no", "number", "#", "index"}

// headerUse says what a header is good for.
type headerUse struct {
	field string
	rank  int
}

// uses is known the other way round, with the fields' own names; read-only
// after it was made.
var uses = invert()

func invert() map[string]headerUse {
	m := map[string]headerUse{}
	for field, headers := range known {
		for rank, h := range headers {
			m[h] = headerUse{field, rank}
		}
	}
	for _, field := range []string{"seller.name", "seller.id", "seller.url", "seller.kind", "seller.region", "seller.license", "seller.contacts", "price_text", "price_max", "sales_text"} {
		m[plain(field)] = headerUse{field, 0}
	}
	return m
}

// plain is a header without what people put around its words: case, spaces,
// marks of required columns, a unit in brackets.
func plain(h string) string {
	h = strings.ToLower(h)
	for _, open := range []string{"(", "\uff08", "[", "【"} {
		if i := strings.Index(h, open); i > 0 {
			h = h[:i]
		}
	}
	return strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) || strings.ContainsRune("_-*:\uff1a.\ufeff\u200b\"'", c) {
			return -1
		}
		return c
	}, h)
}

// column is one column of the header.
type column struct {
	header string
	field  string // empty where nothing is read from it
	auto   bool   // an attribute by default, not because somebody said so
}

// bySource ranks a column that the source names before every known one.
const bySource = 1

// header is the columns of a table.
type header struct {
	columns []column
	mapped  int
}

// mapHeader says what the cells of a row would be as a header. The source's
// columns come first; of several known headers for one field the better one
// has it. What nobody knows is an attribute of the offer.
func mapHeader(cells []string, stated map[string]string) header {
	h := header{columns: make([]column, len(cells))}
	wanted := map[string]string{}
	taken := map[string]int{} // field to rank + 1, 0 for free
	for name, field := range stated {
		wanted[strings.ToLower(strings.TrimSpace(name))] = field
	}
	for i, cell := range cells {
		cell = strings.TrimSpace(strings.Trim(cell, "\ufeff\u200b"))
		h.columns[i] = column{header: cell}
		if field := wanted[strings.ToLower(cell)]; field != "" {
			h.columns[i].field = field
			taken[field] = bySource
			h.mapped++
		}
	}
	for i := range h.columns {
		c := &h.columns[i]
		if c.field != "" || c.header == "" || utf8.RuneCountInString(c.header) > 40 {
			continue
		}
		use, ok := uses[plain(c.header)]
		switch {
		case slices.Contains(serial, plain(c.header)):
		case !ok || several(use.field) && taken[use.field] == bySource:
			c.field, c.auto = "attributes."+c.header, true
		case several(use.field) || taken[use.field] == 0:
			c.field = use.field
			taken[use.field] = use.rank + 2
			h.mapped++
		case taken[use.field] > use.rank+2: // this one is the better name
			for j := range h.columns[:i] {
				if h.columns[j].field == use.field {
					h.columns[j].second()
				}
			}
			c.field = use.field
			taken[use.field] = use.rank + 2
		default:
			c.second()
		}
	}
	return h
}

// second is what a column is whose field another has: "id" is the offer's own
// beside a column for the item's number, any other an attribute.
func (c *column) second() {
	if plain(c.header) == "id" {
		c.field = "id"
		return
	}
	c.field, c.auto = "attributes."+c.header, true
}

// several says that a field gathers what stands in several columns.
func several(field string) bool {
	return field == "seller.contacts" || field == "images" || field == "attributes"
}

// of is the first column of a field.
func (h *header) of(field string) (column, bool) {
	for _, c := range h.columns {
		if c.field == field {
			return c, true
		}
	}
	return column{}, false
}

// usable says that the row can head a table: it names the title, and another
// column beside it.
func (h *header) usable() bool {
	_, ok := h.of("title")
	return ok && h.mapped >= 2
}

// noHeader is the error for a table without a header, with the row that comes
// nearest to one.
func noHeader(best header, row int, stated map[string]string) error {
	names := slices.Collect(maps.Keys(stated))
	slices.Sort(names)
	want := "a column such as 商品标题 or title"
	if len(names) > 0 {
		want = "the columns " + strings.Join(names, ", ")
	}
	near := "none of its cells is known"
	if best.mapped > 0 {
		var have []string
		for _, c := range best.columns {
			if c.field != "" && !c.auto {
				have = append(have, c.header)
			}
		}
		near = fmt.Sprintf("row %d comes nearest, with %s", row, strings.Join(have, ", "))
	}
	return markwatch.Errorf(markwatch.CodeInvalid, "no row among the first %d is a header with %s and another; %s", headerRows, want, near)
}

// headerRows bounds how far down the header is looked for.
const headerRows = 20

// read makes a row of cells an offer.
func (h *header) read(r *Reader, number int, cells []string) Row {
	var row Row
	rec := r.record()
	if extra := surplus(cells, len(h.columns)); extra != "" {
		last := h.columns[len(h.columns)-1].header
		row.Err = markwatch.Errorf(markwatch.CodeInvalid, "there are %d cells, more than the header's %d: %q stands behind the last column %q; a delimiter in a text may not be quoted", len(cells), len(h.columns), clip(extra, 40), last)
		return row
	}
	for i, c := range h.columns {
		if c.field == "" || i >= len(cells) {
			continue
		}
		cell := value(cells[i])
		if cell == "" || c.auto && !attribute(cell) {
			continue
		}
		if err := rec.Set(c.field, cell); err != nil {
			row.Problems = append(row.Problems, fmt.Sprintf("column %q: %v", c.header, err))
		}
	}
	if c, ok := h.of("price"); ok {
		if strings.ContainsFunc(c.header, func(c rune) bool { return unicode.Is(unicode.Han, c) }) {
			rec.Assume = markwatch.CNY
		}
		if open := strings.IndexAny(c.header, "(\uff08[_/"); open > 0 {
			_ = rec.Set("currency", c.header[open:]) // a text that names no currency is no hint
		}
	}
	r.finish(number, rec, &row)
	if row.Err != nil {
		row.Err = h.blame(cells, row.Err)
	}
	return row
}

// blame names the column that is empty where it should not be.
func (h *header) blame(cells []string, err error) error {
	for i, c := range h.columns {
		if c.field == "title" && (i >= len(cells) || value(cells[i]) == "") {
			return fmt.Errorf("column %q: %w", c.header, err)
		}
	}
	for _, field := range []string{"url", "item_id", "id"} {
		if c, ok := h.of(field); ok {
			return fmt.Errorf("column %q: %w", c.header, err)
		}
	}
	return err
}

// surplus is the first text behind the last column.
func surplus(cells []string, columns int) string {
	for _, cell := range cells[min(columns, len(cells)):] {
		if cell = value(cell); cell != "" {
			return cell
		}
	}
	return ""
}

// value is what a cell says: nothing where a program wrote its word for
// nothing, and the text itself where one guarded it against spreadsheets, as
// ="00123" or with an apostrophe before a sign.
func value(cell string) string {
	cell = strings.TrimSpace(cell)
	switch strings.ToLower(cell) {
	case "null", "nil", "nan", "none", "#n/a", "n/a", "-", "--", "/", "\\n", "undefined", "[]", "{}":
		return ""
	}
	if inner, ok := strings.CutPrefix(cell, `="`); ok && strings.HasSuffix(inner, `"`) {
		return strings.TrimSuffix(inner, `"`)
	}
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune("=+-@", rune(cell[1])) {
		return cell[1:]
	}
	return cell
}

// attribute says that the cell of a column that nobody knows is fit for the
// offer's table of attributes.
func attribute(cell string) bool {
	return cell[0] != '[' && cell[0] != '{' && utf8.RuneCountInString(cell) <= 200
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
