package batch

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// The parts of a document that do not change (ECMA-376, part 1).
const (
	docxTypes = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>`
	docxRels = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`
	docxDocumentRels = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`
	docxStyles = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="仿宋" w:cs="Times New Roman"/><w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="zh-CN" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults></w:styles>`
)

// writeDOCX writes the letter in the layout of official letters (GB/T 9704),
// the fonts left to the reader's machine.
func (l letter) writeDOCX(w io.Writer) error {
	var body strings.Builder
	p := func(props, run, text string) {
		fmt.Fprintf(&body, `<w:p><w:pPr>%s</w:pPr><w:r><w:rPr>%s</w:rPr><w:t xml:space="preserve">%s</w:t></w:r></w:p>`, props, run, escapeXML(text))
	}
	const (
		center, right = `<w:jc w:val="center"/>`, `<w:jc w:val="right"/>`
		indent        = `<w:spacing w:line="560" w:lineRule="exact"/><w:ind w:firstLineChars="200" w:firstLine="640"/>`
		heading       = `<w:rFonts w:eastAsia="黑体"/><w:b/><w:sz w:val="44"/>`
		small         = `<w:sz w:val="18"/>`
	)
	p(center, heading, l.title)
	p(center, "", l.number)
	p(`<w:spacing w:before="240"/>`, "", l.addressee)
	for _, text := range l.paragraphs {
		p(indent, "", text)
	}
	p(indent, "", "附件:线索清单")
	p(right, "", l.sender)
	p(right, "", l.date)
	if l.copies != "" {
		p("", "", l.copies)
	}
	body.WriteString(`<w:p><w:r><w:br w:type="page"/></w:r></w:p>`)
	p("", `<w:rFonts w:eastAsia="黑体"/>`, "附件 线索清单")
	body.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>`)
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		fmt.Fprintf(&body, `<w:%s w:val="single" w:sz="4" w:space="0" w:color="auto"/>`, side)
	}
	body.WriteString(`</w:tblBorders></w:tblPr>`)
	for i, row := range append([][]string{l.head}, l.annex...) {
		body.WriteString(`<w:tr>`)
		if i == 0 {
			body.WriteString(`<w:trPr><w:tblHeader/></w:trPr>`)
		}
		for _, cell := range row {
			fmt.Fprintf(&body, `<w:tc><w:tcPr/><w:p><w:r><w:rPr>%s</w:rPr><w:t xml:space="preserve">%s</w:t></w:r></w:p></w:tc>`, small, escapeXML(cell))
		}
		body.WriteString(`</w:tr>`)
	}
	body.WriteString(`</w:tbl>`)
	p("", small, l.note)
	document := `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>` + body.String() +
		`<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587" w:header="851" w:footer="992" w:gutter="0"/></w:sectPr></w:body></w:document>`
	z := zip.NewWriter(w)
	for _, part := range [][2]string{
		{"[Content_Types].xml", docxTypes}, {"_rels/.rels", docxRels}, {"word/document.xml", document},
		{"word/_rels/document.xml.rels", docxDocumentRels}, {"word/styles.xml", docxStyles},
	} {
		out, err := z.CreateHeader(&zip.FileHeader{Name: part[0], Method: zip.Deflate, Modified: l.batch.At.UTC().Truncate(2 * time.Second)})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(out, part[1]); err != nil {
			return err
		}
	}
	return z.Close()
}

func escapeXML(s string) string {
	var b bytes.Buffer
	// It replaces what XML does not know, and a buffer takes everything.
	_ = xml.EscapeText(&b, []byte(strings.ToValidUTF8(s, "\ufffd")))
	return b.String()
}
