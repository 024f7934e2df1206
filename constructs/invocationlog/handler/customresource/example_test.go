package customresource_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/bedrock-paper-trail/paper-trail/constructs/invocationlog/handler/customresource"
)

func ExampleHandler_Invoke() {
	cloudFormation := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		answer, _ := io.ReadAll(r.Body)
		fmt.Println(string(answer))
	}))
	defer cloudFormation.Close()

	handler := customresource.NewHandler("my-singleton",
		func(context.Context, *slog.Logger, customresource.Event) (map[string]string, error) {
			return map[string]string{"Colour": "green"}, nil
		})
	event := `{"RequestType":"Create","StackId":"stack","RequestId":"1","LogicalResourceId":"Thing","ResponseURL":"` + cloudFormation.URL + `"}`
	if _, err := handler.Invoke(context.Background(), []byte(event)); err != nil {
		fmt.Println(err)
	}
	// Output: {"Status":"SUCCESS","PhysicalResourceId":"my-singleton","StackId":"stack","RequestId":"1","LogicalResourceId":"Thing","NoEcho":false,"Data":{"Colour":"green"}}
}
