#include "inspect/os_release.hpp"

#include "base/error.hpp"
#include "base/utf8.hpp"
#include "inspect/package_databases.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::inspect {

namespace {

/// The value of an assignment without its quotes; a backslash takes the next character literally.
std::string unquote(std::string_view text) {
    std::string value;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
            value += text[++i];
        } else if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
        } else if (quote != 0 && c == quote) {
            quote = 0;
        } else {
            value += c;
        }
    }
    return value;
}

std::optional<std::string> program_architecture(const os::GuestRoot& guest, std::string_view path) {
    // What is read is judged by its own bytes, so a race with a link changes nothing.
    if (!guest.exists(path)) {
        return std::nullopt;
    }
    std::string head(20, '\0');
    try {
        const auto fd = guest.open(path, O_RDONLY | O_NONBLOCK);
        const auto got = ::pread(fd.get(), head.data(), head.size(), 0);
        head.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    } catch (const Error&) {
        return std::nullopt;  // a dangling link, a device: no program that could tell
    }
    return elf_architecture(head);
}

using Words = std::pair<std::string_view, std::string_view>;

constexpr std::array<Words, 17> kArchitectures{{
    {"x86_64", "x86_64"},
    {"amd64", "x86_64"},
    {"arm64", "arm64"},
    {"aarch64", "arm64"},
    {"i386", "i386"},
    {"i486", "i386"},
    {"i586", "i386"},
    {"i686", "i386"},
    {"x86", "i386"},
    {"386", "i386"},
    {"riscv64", "riscv64"},
    {"ppc64el", "ppc64le"},
    {"ppc64le", "ppc64le"},
    {"s390x", "s390x"},
    {"armhf", "arm"},
    {"armv7", "arm"},
    {"arm", "arm"},
}};

}  // namespace

OsRelease parse_os_release(std::string_view text) {
    std::map<std::string, std::string, std::less<>> values;
    while (!text.empty()) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (!line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        const auto equals = line.find('=');
        if (equals != std::string_view::npos && !line.starts_with('#')) {
            values[std::string{line.substr(0, equals)}] = to_utf8(unquote(line.substr(equals + 1)));
        }
    }
    OsRelease release{
        values["ID"], values["VERSION_ID"], values["VERSION_CODENAME"], values["PRETTY_NAME"]};
    if (release.id.empty()) {
        release.id = "linux";
    }
    if (release.pretty_name.empty()) {
        release.pretty_name = values["NAME"].empty() ? "Linux" : values["NAME"];
    }
    return release;
}

std::optional<OsRelease> read_os_release(const os::GuestRoot& guest) {
    for (const auto* path : {"/etc/os-release", "/usr/lib/os-release"}) {
        if (const auto text = guest.read(path, 1U << 20)) {
            return parse_os_release(*text);
        }
    }
    return std::nullopt;
}

std::optional<std::string> elf_architecture(std::string_view head) {
    if (head.size() < 20 || !head.starts_with("\x7f"
                                              "ELF")) {
        return std::nullopt;
    }
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(head[at]); };
    const bool wide = byte(4) == 2;
    const bool little = byte(5) == 1;
    // e_machine, 2 bytes at offset 18 in the file's own byte order (elf(5)).
    const unsigned machine = little ? byte(18) + 256U * byte(19) : 256U * byte(18) + byte(19);
    switch (machine) {
        case 62:
            return "x86_64";
        case 183:
            return "arm64";
        case 3:
            return "i386";
        case 40:
            return "arm";
        case 243:
            return wide ? std::optional<std::string>{"riscv64"} : std::nullopt;
        case 21:
            return little ? std::optional<std::string>{"ppc64le"} : std::nullopt;
        case 22:
            return wide ? std::optional<std::string>{"s390x"} : std::nullopt;
        default:
            return std::nullopt;
    }
}

std::optional<std::string> architecture_word(std::string_view word) {
    const auto* found =
        std::find_if(kArchitectures.begin(), kArchitectures.end(), [&](const Words& words) {
            return words.first == word;
        });
    if (found == kArchitectures.end()) {
        return std::nullopt;
    }
    return std::string{found->second};
}

std::optional<std::string> read_architecture(const os::GuestRoot& guest) {
    for (const auto* path :
         {"/bin/sh", "/bin/busybox", "/bin/bash", "/sbin/init", "/usr/bin/env"}) {
        if (auto architecture = program_architecture(guest, path)) {
            return architecture;
        }
    }
    const auto status = guest.read("/var/lib/dpkg/status", 256U << 20);
    for (const auto& package : parse_dpkg_status(status.value_or(""))) {
        if (package.architecture != "all") {
            return architecture_word(package.architecture);
        }
    }
    return std::nullopt;
}

}  // namespace kiln::inspect
