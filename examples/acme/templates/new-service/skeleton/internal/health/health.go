// Package health answers whether the service lives and whether it can work.
package health

import "net/http"

// Routes adds the two checks that the cluster asks for.
func Routes(mux *http.ServeMux) {
	ok := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	mux.HandleFunc("GET /healthz", ok)
	mux.HandleFunc("GET /readyz", ok)
}
