#include "inspect/package_databases.hpp"

#include "os/spawn.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>

#include <fmt/format.h>

namespace kiln::inspect {

namespace {

/// One paragraph's fields; only the first line of each is kept: none of those read here has more.
using Fields = std::map<std::string, std::string, std::less<>>;

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

void for_each_line(std::string_view text, const std::function<void(std::string_view)>& line) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        line(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
}

std::string take(const Fields& fields, std::string_view key) {
    const auto found = fields.find(key);
    return found == fields.end() ? std::string{} : found->second;
}

/// Reads "Key: value" paragraphs and hands each over at its end.
void for_each_paragraph(
    std::string_view text, const std::function<void(const Fields&)>& paragraph
) {
    Fields fields;
    const auto flush = [&] {
        if (!fields.empty()) {
            paragraph(fields);
            fields.clear();
        }
    };
    for_each_line(text, [&](std::string_view line) {
        if (trimmed(line).empty()) {
            flush();
            return;
        }
        const auto colon = line.find(':');
        if (line.front() == ' ' || line.front() == '\t' || colon == std::string_view::npos) {
            return;
        }
        fields.emplace(line.substr(0, colon), trimmed(line.substr(colon + 1)));
    });
    flush();
}

/// "glibc (2.36-9)" names source and version; only the name is wanted.
std::string source_name(std::string_view field, std::string_view package) {
    const auto name = trimmed(field.substr(0, field.find('(')));
    return std::string{name.empty() ? package : name};
}

std::vector<std::string_view> split(std::string_view line, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto at = line.find(separator);
        parts.push_back(line.substr(0, at));
        if (at == std::string_view::npos) {
            return parts;
        }
        line = line.substr(at + 1);
    }
}

std::string known(std::string_view field) {
    return field == "(none)" ? std::string{} : std::string{field};
}

/// "bash-5.1.8-6.el9.src.rpm" without version and release.
std::string rpm_source(std::string_view file, std::string_view package) {
    auto end = file.rfind('-');
    end = end == std::string_view::npos || end == 0 ? end : file.rfind('-', end - 1);
    return std::string{end == std::string_view::npos ? package : file.substr(0, end)};
}

constexpr std::array<std::string_view, 3> kRpmDatabases{
    "/usr/lib/sysimage/rpm", "/var/lib/rpm", "/usr/share/rpm"};
constexpr std::array<std::string_view, 3> kRpmFiles{"rpmdb.sqlite", "Packages", "Packages.db"};

/// The states of dpkg in which a package's files are in place. A paragraph of status.d has no
/// Status: what stands there is installed.
bool has_files(std::string_view status) {
    constexpr std::array<std::string_view, 5> kStates{
        "installed", "triggers-pending", "triggers-awaited", "unpacked", "half-configured"};
    const auto state = status.substr(status.rfind(' ') + 1);
    return status.empty() || std::find(kStates.begin(), kStates.end(), state) != kStates.end();
}

/// The folder inside the guest that holds its rpm database, wherever that generation keeps it.
std::optional<std::string> rpm_database(const os::GuestRoot& guest) {
    for (const auto folder : kRpmDatabases) {
        for (const auto file : kRpmFiles) {
            if (guest.exists(fmt::format("{}/{}", folder, file))) {
                return std::string{folder};
            }
        }
    }
    return std::nullopt;
}

/// dpkg's database, and the folder of one file a package that images without dpkg keep.
void read_dpkg(const os::GuestRoot& guest, PackageList& list) {
    const auto add = [&](const std::string& path) {
        if (const auto text = guest.read(path, 256U << 20)) {
            auto packages = parse_dpkg_status(*text);
            std::move(packages.begin(), packages.end(), std::back_inserter(list.packages));
        }
    };
    add("/var/lib/dpkg/status");
    for (const auto& name : guest.list("/var/lib/dpkg/status.d")) {
        const auto path = "/var/lib/dpkg/status.d/" + name;
        if (!name.ends_with(".md5sums") && guest.status(path).type == os::GuestRoot::Type::file) {
            add(path);
        }
    }
}

void read_rpm(
    const os::GuestRoot& guest,
    const std::filesystem::path& mounted,
    const std::stop_token& stop,
    Deadline deadline,
    PackageList& list
) {
    const auto database = rpm_database(guest);
    if (!database) {
        return;
    }
    if (!os::find_program("rpm")) {
        list.notes.push_back(fmt::format(
            "the image has an rpm database in {}, but rpm is not installed on this host; "
            "install it (apt-get install rpm) to see its packages",
            *database
        ));
        return;
    }
    os::Command command;
    command.argv = {
        "rpm",
        "--root",
        mounted.string(),
        "--dbpath",
        *database,
        "-qa",
        "--queryformat",
        rpm_query_format()};
    auto packages = parse_rpm_query(os::run_checked(std::move(command), deadline, stop));
    std::move(packages.begin(), packages.end(), std::back_inserter(list.packages));
}

}  // namespace

Packages parse_dpkg_status(std::string_view text) {
    Packages packages;
    for_each_paragraph(text, [&](const Fields& fields) {
        const auto status = take(fields, "Status");
        const auto name = take(fields, "Package");
        const auto version = take(fields, "Version");
        if (!has_files(status) || name.empty() || version.empty()) {
            return;
        }
        packages.push_back({
            "dpkg",
            name,
            version,
            take(fields, "Architecture"),
            source_name(take(fields, "Source"), name),
            "",
            take(fields, "Maintainer"),
        });
    });
    sort_packages(packages);
    return packages;
}

std::string rpm_query_format() {
    return R"(%{NAME}\t%{EPOCHNUM}\t%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{LICENSE}\t%{VENDOR}\n)";
}

Packages parse_rpm_query(std::string_view text) {
    Packages packages;
    for_each_line(text, [&](std::string_view line) {
        const auto fields = split(line, '\t');
        // Keys imported into the database are listed as packages that were never built.
        if (fields.size() != 7 || fields[0].empty() || fields[0] == "gpg-pubkey") {
            return;
        }
        const bool epoch = fields[1] != "0" && fields[1] != "(none)";
        packages.push_back({
            "rpm",
            std::string{fields[0]},
            epoch ? fmt::format("{}:{}", fields[1], fields[2]) : std::string{fields[2]},
            known(fields[3]),
            rpm_source(known(fields[4]), fields[0]),
            known(fields[5]),
            known(fields[6]),
        });
    });
    sort_packages(packages);
    return packages;
}

Packages parse_apk_installed(std::string_view text) {
    Packages packages;
    for_each_paragraph(text, [&](const Fields& fields) {
        const auto name = take(fields, "P");
        const auto version = take(fields, "V");
        if (name.empty() || version.empty()) {
            return;
        }
        const auto origin = take(fields, "o");
        packages.push_back({
            "apk",
            name,
            version,
            take(fields, "A"),
            origin.empty() ? name : origin,
            take(fields, "L"),
            take(fields, "m"),
        });
    });
    sort_packages(packages);
    return packages;
}

PackageList read_packages(
    const os::GuestRoot& guest,
    const std::filesystem::path& mounted,
    const std::stop_token& stop,
    Deadline deadline
) {
    PackageList list;
    read_dpkg(guest, list);
    read_rpm(guest, mounted, stop, deadline, list);
    for (const auto* path : {"/lib/apk/db/installed", "/usr/lib/apk/db/installed"}) {
        if (const auto text = guest.read(path, 256U << 20)) {
            auto packages = parse_apk_installed(*text);
            std::move(packages.begin(), packages.end(), std::back_inserter(list.packages));
            break;  // one is a link to the other where /lib is merged into /usr
        }
    }
    sort_packages(list.packages);
    return list;
}

}  // namespace kiln::inspect
