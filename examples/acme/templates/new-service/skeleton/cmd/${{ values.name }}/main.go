// Command ${{ values.name }}: ${{ values.description }}
package main

import (
{%- if values.api %}
	"encoding/json"
{%- endif %}
	"log/slog"
	"net/http"
	"os"
	"time"

	"acme.example/${{ values.name }}/internal/health"
)

func main() {
	mux := http.NewServeMux()
	health.Routes(mux)
{%- if values.api %}
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"message": "hello from ${{ values.name }}"})
	})
{%- endif %}
	server := &http.Server{Addr: ":${{ values.port }}", Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	slog.Info("listening", "address", server.Addr)
	if err := server.ListenAndServe(); err != nil {
		slog.Error("stopped", "error", err)
		os.Exit(1)
	}
}
