#include "server_access.hpp"

#include "cli/credentials.hpp"
#include "cli/server_note.hpp"

#include <cstdlib>

namespace kiln {

namespace {

std::string url_of(const cli::Config& config, const std::optional<std::string>& server) {
    if (server) {
        return *server;
    }
    if (!config.server_url.empty()) {
        return config.server_url;
    }
    const auto note = cli::find_server(config.home);
    if (!note) {
        throw Error{ErrorKind::unavailable, "no server runs for '" + config.home.native() + "'"}
            .hint("start one with `kiln serve`, or name one with --server URL");
    }
    return note->url;
}

/// A server of another home has keys of its own: AWS' variables name them.
aws::Credentials keys_of(const cli::Config& config, bool of_this_home) {
    const char* id = std::getenv("AWS_ACCESS_KEY_ID");
    const char* secret = std::getenv("AWS_SECRET_ACCESS_KEY");
    if (!of_this_home && id != nullptr && secret != nullptr) {
        return {id, secret, ""};
    }
    const auto keys = cli::load_credentials(config.home);
    return {keys.access_key_id, keys.secret_access_key, ""};
}

}  // namespace

ServerAccess find_access(const cli::Config& config, const std::optional<std::string>& server) {
    auto url = url_of(config, server);
    while (url.ends_with('/')) {
        url.pop_back();
    }
    return {std::move(url), keys_of(config, !server && config.server_url.empty())};
}

}  // namespace kiln
