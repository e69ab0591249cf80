#include "cli/listen.hpp"

#include "base/error.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::cli {

ListenAddress parse_listen(std::string_view text) {
    const auto wrong = [&] {
        return Error{
            ErrorKind::invalid,
            fmt::format(
                "'{}' is not ADDRESS:PORT; one looks like {} or [::1]:9324", text, kDefaultListen
            )};
    };
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        throw wrong();
    }
    auto address = text.substr(0, colon);
    const auto port = text.substr(colon + 1);
    const bool bracketed = address.starts_with('[') && address.ends_with(']');
    if (bracketed) {
        address = address.substr(1, address.size() - 2);
    }
    if (address.empty() || bracketed != (address.find(':') != std::string_view::npos)) {
        throw wrong();
    }
    ListenAddress out{std::string{address}, 0};
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc{} || end != port.data() + port.size()) {
        throw wrong();
    }
    return out;
}

std::string local_url(const ListenAddress& bound, bool tls) {
    auto host = bound.address;
    if (host == "0.0.0.0") {
        host = "127.0.0.1";
    } else if (host == "::") {
        host = "::1";
    }
    const bool six = host.find(':') != std::string::npos;
    return fmt::format(
        "{}://{}{}{}:{}", tls ? "https" : "http", six ? "[" : "", host, six ? "]" : "", bound.port
    );
}

}  // namespace kiln::cli
