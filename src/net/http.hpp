#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln::net {

/// Header fields in their order. Names are compared without regard to case; a name may be repeated.
class Headers {
  public:
    using Field = std::pair<std::string, std::string>;

    Headers() = default;

    Headers(std::initializer_list<Field> fields) : fields_{fields} {}

    void add(std::string name, std::string value);
    /// In place of all fields of that name.
    void set(std::string name, std::string value);

    /// The first of that name.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;
    [[nodiscard]] std::string_view value_or(std::string_view name, std::string_view fallback)
        const noexcept;

    [[nodiscard]] bool contains(std::string_view name) const noexcept {
        return find(name).has_value();
    }

    [[nodiscard]] const std::vector<Field>& all() const noexcept { return fields_; }

  private:
    std::vector<Field> fields_;
};

/// Do two names of header fields mean the same?
[[nodiscard]] bool same_name(std::string_view a, std::string_view b) noexcept;

/// One request as it came, its body whole.
struct Request {
    std::string method;
    std::string target;  ///< as sent: path and query, not decoded; of "http://host/path" the path
    Headers headers;
    std::string body;
    std::string peer;     ///< the client: "127.0.0.1:40312", "[::1]:40312"
    bool secure = false;  ///< came through TLS
    std::chrono::steady_clock::time_point received{};  ///< when its header was complete

    /// The target up to its '?'.
    [[nodiscard]] std::string_view path() const noexcept;
    /// What follows the '?'; "" where there is none.
    [[nodiscard]] std::string_view query() const noexcept;
    /// The peer without its port and brackets.
    [[nodiscard]] std::string_view peer_address() const noexcept;
};

struct Response {
    unsigned status = 200;
    Headers headers;
    std::string body;
};

/// {"error": {"kind": …, "message": …}} with that status: what the server itself refuses.
[[nodiscard]] Response refusal(unsigned status, std::string_view kind, std::string_view message);

/// What stands between '&' and '=' of a query or a form, decoded ('+' is a space), in order.
/// A name without '=' has the value "".
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text);

}  // namespace kiln::net
