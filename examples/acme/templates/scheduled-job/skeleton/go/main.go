// Command ${{ values.name }}: ${{ values.description }}
package main

import (
	"log/slog"
	"os"
)

// run does the work and says how many things were done.
func run() (int, error) {
	return 0, nil
}

func main() {
	done, err := run()
	if err != nil {
		slog.Error("failed", "error", err)
		os.Exit(1)
	}
	slog.Info("done", "count", done)
}
