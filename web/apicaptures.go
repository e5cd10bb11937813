package web

import (
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/markwatch/markwatch/accounts"
)

// pageShown is the page that a listing was read from.
type pageShown struct {
	URL         string `json:"url" doc:"网址 / address"`
	Final       string `json:"final,omitempty" doc:"重定向之后的网址 / address after redirects"`
	Status      int    `json:"status" doc:"HTTP 状态 / status of the answer"`
	ContentType string `json:"content_type" doc:"服务器声明的类型 / type as the server named it"`
	Text        string `json:"text" doc:"正文,转成 UTF-8,最多 8 MiB / body in UTF-8, at most 8 MiB"`
}

type pictureInput struct {
	LeadParam
	N int `path:"n" minimum:"0" maximum:"100" doc:"第几张,自 0 起 / which picture, from 0"`
}

func (a *api) captures() {
	register(a, a.operation("get-lead-page", http.MethodGet, "/leads/{id}/page", accounts.See, "leads", "网页快照 / The captured page"), a.leadPage)
	file := func(id, path, summary, contentType string) huma.Operation {
		op := a.operation(id, http.MethodGet, path, accounts.See, "leads", summary)
		op.Responses = map[string]*huma.Response{"200": {Description: "the picture", Content: map[string]*huma.MediaType{contentType: {}}}}
		return op
	}
	register(a, file("get-lead-screenshot", "/leads/{id}/screenshot", "截图 / The screenshot", "image/png"), func(r *http.Request, in *LeadParam) (*huma.StreamResponse, error) {
		data, err := a.d.readScreenshot(r, in.ID)
		return pictureOf("image/png", data), err
	})
	register(a, file("get-lead-picture", "/leads/{id}/pictures/{n}", "商品图片 / A picture of the offer", "image/jpeg"), func(r *http.Request, in *pictureInput) (*huma.StreamResponse, error) {
		data, err := a.d.readPicture(r, in.ID, strconv.Itoa(in.N), fullSide, true)
		return pictureOf("image/jpeg", data), err
	})
}

func pictureOf(contentType string, data []byte) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", contentType)
		_, _ = ctx.BodyWriter().Write(data) // a client that went away is nobody's fault
	}}
}

func (a *api) leadPage(r *http.Request, in *LeadParam) (*answer[pageShown], error) {
	r.SetPathValue("id", in.ID)
	page, err := a.d.captured(r, "page")
	if err != nil {
		return nil, err
	}
	out := pageShown{URL: page.URL, Status: page.Status, ContentType: page.ContentType(), Text: decode(page)}
	if page.FinalURL != page.URL {
		out.Final = page.FinalURL
	}
	return &answer[pageShown]{out}, nil
}
