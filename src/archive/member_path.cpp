#include "archive/member_path.hpp"

#include "base/error.hpp"
#include "base/utf8.hpp"

#include <climits>
#include <fmt/format.h>

namespace kiln::archive {

namespace {

constexpr std::size_t kLongestShown = 200;

[[noreturn]] void refuse(std::string_view why) {
    throw Error{ErrorKind::invalid, std::string{why}};
}

}  // namespace

std::string member_path(std::string_view name) {
    if (name.empty()) {
        refuse("its name is empty");
    }
    if (name.front() == '/') {
        refuse("its path is absolute; members must be relative to the archive's top");
    }
    if (name.find('\0') != std::string_view::npos) {
        refuse("its name holds a NUL byte");
    }
    if (name.size() >= PATH_MAX) {
        refuse(fmt::format(
            "its path is {} bytes long, at most {} can be used", name.size(), PATH_MAX - 1
        ));
    }
    std::string path;
    while (!name.empty()) {
        const auto part = name.substr(0, name.find('/'));
        name.remove_prefix(std::min(name.size(), part.size() + 1));
        if (part == "..") {
            refuse("its path holds `..` and may leave the folder");
        }
        if (!part.empty() && part != ".") {
            path.append(path.empty() ? "" : "/").append(part);
        }
    }
    return path;
}

std::string shown_name(std::string_view name) {
    std::string text = to_utf8(name.substr(0, kLongestShown));
    for (auto& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            c = '?';
        }
    }
    return fmt::format("'{}{}'", text, name.size() > kLongestShown ? "…" : "");
}

}  // namespace kiln::archive
