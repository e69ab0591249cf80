#include "cli/read_request.hpp"
#include "cli/verbs.hpp"

namespace kiln::cli::verbs {

namespace {

int run(Context& context) {
    const auto& arguments = context.arguments;
    const auto& config = context.config;
    ServeOptions options;
    options.listen = parse_listen(arguments.one_or("listen", config.server_listen));
    options.tls_cert = arguments.one_or("tls-cert", config.server_tls_cert.native());
    options.tls_key = arguments.one_or("tls-key", config.server_tls_key.native());
    if (options.tls_cert.empty() != options.tls_key.empty()) {
        throw Error{ErrorKind::invalid, "a certificate and its key go together"}.hint(
            "give both --tls-cert and --tls-key, or neither"
        );
    }
    options.concurrency = concurrency_of(arguments, config.bakery_concurrency);
    options.bakery = !arguments.has("no-bakery");
    context.services.serve(options, {context.output, context.stop, context.hasten});
    return 0;
}

}  // namespace

Verb serve() {
    return {
        .path = "serve",
        .summary = "serve queues (SQS' API), bakes and images over HTTP",
        .text =
            "Serves kiln's own API and that of Amazon SQS on one port, and bakes what comes "
            "through the queue `bakes`. Every route but /healthz wants the token or the key pair "
            "that `kiln credentials` shows; they are made at the first start. Other commands of "
            "this host find the server by itself.\n\n"
            "SIGTERM and SIGINT end it in order: it accepts no more, parked requests are answered, "
            "bakes under way have server.drain to end, and their requests go back to the queue "
            "else. A second signal waits for nothing.",
        .options =
            {{.name = "listen",
              .value = "ADDR:PORT",
              .help = "where to listen (default: server.listen); port 0 is any free one"},
             {.name = "tls-cert", .value = "FILE", .help = "certificate with its chain (PEM)"},
             {.name = "tls-key", .value = "FILE", .help = "private key of it (PEM)"},
             {.name = "concurrency",
              .value = "N",
              .help = "bakes that run at once (default: bakery.concurrency)"},
             {.name = "no-bakery", .help = "serve queues and records, bake nothing"}},
        .examples =
            {{"kiln serve", "on this machine alone"},
             {"kiln serve --listen 0.0.0.0:9324 --tls-cert cert.pem --tls-key key.pem",
              "for others, with TLS"},
             {"kiln credentials", "what clients need to be let in"}},
        .needs = Needs::mounts,
        .run = run,
        .json = false,
    };
}

}  // namespace kiln::cli::verbs
