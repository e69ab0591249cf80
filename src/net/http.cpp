#include "net/http.hpp"

#include "base/json.hpp"
#include "net/url.hpp"

#include <algorithm>

namespace kiln::net {

namespace {

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string form_decoded(std::string_view text) {
    std::string spaced{text};
    std::replace(spaced.begin(), spaced.end(), '+', ' ');
    return percent_decoded(spaced);
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return lower(x) == lower(y);
           });
}

void Headers::add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string name, std::string value) {
    std::erase_if(fields_, [&](const Field& field) { return same_name(field.first, name); });
    add(std::move(name), std::move(value));
}

std::optional<std::string_view> Headers::find(std::string_view name) const noexcept {
    for (const auto& [known, value] : fields_) {
        if (same_name(known, name)) {
            return value;
        }
    }
    return std::nullopt;
}

std::string_view Headers::value_or(std::string_view name, std::string_view fallback)
    const noexcept {
    return find(name).value_or(fallback);
}

std::string_view Request::path() const noexcept {
    return std::string_view{target}.substr(0, target.find('?'));
}

std::string_view Request::query() const noexcept {
    const auto at = target.find('?');
    return at == std::string::npos ? std::string_view{} : std::string_view{target}.substr(at + 1);
}

std::string_view Request::peer_address() const noexcept {
    auto address = std::string_view{peer}.substr(0, peer.rfind(':'));
    if (address.starts_with('[') && address.ends_with(']')) {
        address = address.substr(1, address.size() - 2);
    }
    return address;
}

Response refusal(unsigned status, std::string_view kind, std::string_view message) {
    const json::object document{{"error", {{"kind", kind}, {"message", message}}}};
    return {status, {{"Content-Type", "application/json"}}, json::serialize(document) + "\n"};
}

std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> found;
    while (!text.empty()) {
        const auto end = text.find('&');
        const auto piece = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (piece.empty()) {
            continue;
        }
        const auto equals = piece.find('=');
        found.emplace_back(
            form_decoded(piece.substr(0, equals)),
            equals == std::string_view::npos ? "" : form_decoded(piece.substr(equals + 1))
        );
    }
    return found;
}

}  // namespace kiln::net
