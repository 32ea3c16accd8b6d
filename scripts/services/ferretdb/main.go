// FerretDB with its SQLite back end, for the tests. It is embedded because the program of its own refuses to start when
// `go install` builds it: that leaves out the file with its version. Embedded it sends no telemetry either.
package main

import (
	"context"
	"flag"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	address := flag.String("listen-addr", "127.0.0.1:27017", "where it listens")
	tlsAddress := flag.String("listen-tls", "", "where it listens with TLS, where it does")
	certificate := flag.String("tls-cert", "", "PEM file of its certificate")
	key := flag.String("tls-key", "", "PEM file of the key of its certificate")
	folder := flag.String("data", "", "an existing folder for its data")
	flag.Parse()

	server, err := ferretdb.New(&ferretdb.Config{
		Handler:   "sqlite",
		SQLiteURL: "file:" + *folder + "/",
		Listener: ferretdb.ListenerConfig{
			TCP:         *address,
			TLS:         *tlsAddress,
			TLSCertFile: *certificate,
			TLSKeyFile:  *key,
		},
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		log.Fatal(err)
	}

	stopping, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	if err := server.Run(stopping); err != nil {
		log.Fatal(err)
	}
}
