#include "cli/credentials.hpp"

#include "cli/server_note.hpp"
#include "cli/verbs.hpp"

namespace kiln::cli::verbs {

namespace {

int run(Context& context) {
    const auto word = context.arguments.one_or("format", context.json ? "json" : "env");
    const auto format = word == "json"  ? CredentialsFormat::json
                        : word == "aws" ? CredentialsFormat::aws
                                        : CredentialsFormat::env;
    if (context.json && format != CredentialsFormat::json) {
        throw Error{ErrorKind::invalid, "--json and --format " + word + " contradict each other"};
    }
    const auto& home = context.config.home;
    const auto credentials = load_credentials(home);
    const auto note = find_server(home);
    context.output.print(credentials_text(credentials, format, note ? note->url : ""));
    return 0;
}

}  // namespace

Verb credentials() {
    return {
        .path = "credentials",
        .summary = "show what opens the server: token and access key",
        .text =
            "Prints the token of kiln's own routes and the key pair of SQS' API, with the URL of "
            "the server while one runs: as shell commands, as JSON, or as a profile for AWS' "
            "configuration files. Version 1 of AWS' command line wants the URL as --endpoint-url. "
            "They are secrets, kept in credentials.json of the home folder; "
            "`kiln serve` makes them at its first start.",
        .options =
            {{.name = "format",
              .value = "FORMAT",
              .help = "env (default), json or aws",
              .choices = {"env", "json", "aws"}}},
        .examples =
            {{"kiln credentials", "to be taken by a shell: eval \"$(kiln credentials)\""},
             {"kiln credentials --format aws >> ~/.aws/credentials", "as profile kiln"}},
        .needs = Needs::nothing,
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
