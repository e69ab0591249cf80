#include "jail/check_plan.hpp"

#include "base/error.hpp"
#include "jail/operations.hpp"

#include <fmt/format.h>

namespace kiln::jail {

namespace {

/// bubblewrap takes 9000 arguments at most; a variable takes three.
constexpr std::size_t kMostVariables = 2000;
constexpr std::size_t kLongestHostname = 64;  // HOST_NAME_MAX, uname(2)

class Checker {
  public:
    void text(const std::string& where, std::string_view text) {
        if (text.find('\0') != std::string_view::npos) {
            complain(where, "holds a NUL character");
        }
    }

    void path(const std::string& where, const std::string& path) {
        text(where, path);
        if (!path.starts_with('/')) {
            complain(where, fmt::format("'{}' must be an absolute path", path));
        }
        for (const auto& part : std::filesystem::path{path}) {
            if (part == "..") {
                complain(where, fmt::format("'{}' must not hold '..'", path));
            }
        }
    }

    /// A place to mount or write at: also in the one form that prefixes can be compared in.
    void place(const std::string& where, const std::string& place) {
        path(where, place);
        if (std::filesystem::path{place}.lexically_normal().native() != place ||
            place.ends_with('/')) {
            complain(
                where, fmt::format("'{}' must be a plain path without a '/' at its end", place)
            );
        }
    }

    void complain(std::string where, std::string what) {
        problems_.push_back({std::move(where), std::move(what)});
    }

    void finish() {
        if (!problems_.empty()) {
            throw Error{"the jail's plan is wrong", std::move(problems_)};
        }
    }

  private:
    std::vector<Problem> problems_;
};

bool below(std::string_view path, std::string_view folder) {
    return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

void check_binds(Checker& check, const JailPlan& plan) {
    for (std::size_t i = 0; i < plan.binds.size(); ++i) {
        const auto& bind = plan.binds[i];
        const auto where = fmt::format("binds[{}]", i);
        check.path(where + ".host", bind.host.string());
        check.place(where + ".inside", bind.inside);
        if (below(bind.inside, "/proc") || below(bind.inside, "/dev")) {
            check.complain(
                where + ".inside", "must not lie in /proc or /dev, which are the jail's own"
            );
        }
        if (bind.inside == "/run" || bind.inside == "/tmp") {
            check.complain(where + ".inside", "must not replace /run or /tmp");
        }
    }
}

void check_files(Checker& check, const JailPlan& plan) {
    if (plan.files.size() > kMostFiles) {
        check.complain("files", fmt::format("are more than {}", kMostFiles));
    }
    for (std::size_t i = 0; i < plan.files.size(); ++i) {
        const auto where = fmt::format("files[{}].inside", i);
        check.place(where, plan.files[i].inside);
        if (!on_own_tmpfs(plan.files[i].inside)) {
            check.complain(
                where, "must lie below /run or /tmp, so that no trace stays in the image"
            );
        }
        if ((plan.files[i].mode & ~0777U) != 0) {
            check.complain(fmt::format("files[{}].mode", i), "must be permission bits alone");
        }
    }
}

void check_environment(Checker& check, const JailPlan& plan) {
    if (plan.environment.size() > kMostVariables) {
        check.complain("environment", fmt::format("has more than {} variables", kMostVariables));
    }
    for (const auto& [name, value] : plan.environment) {
        const auto where = fmt::format("environment['{}']", name);
        check.text(where, name);
        check.text(where, value);
        if (name.empty() || name.find('=') != std::string::npos) {
            check.complain(where, "must have a name, and no '=' in it");
        }
    }
}

}  // namespace

void check_plan(const JailPlan& plan) {
    Checker check;
    check.path("root", plan.root.string());
    if (plan.root == "/") {
        check.complain("root", "must not be the host's own root");
    }
    check.path("directory", plan.directory);
    if (plan.command.empty() || plan.command.front().empty()) {
        check.complain("command", "must not be empty");
    }
    for (const auto& word : plan.command) {
        check.text("command", word);
    }
    check.text("hostname", plan.hostname);
    if (plan.hostname.empty() || plan.hostname.size() > kLongestHostname) {
        check.complain("hostname", fmt::format("must have 1 to {} characters", kLongestHostname));
    }
    check_environment(check, plan);
    check_binds(check, plan);
    check_files(check, plan);
    check.finish();
}

}  // namespace kiln::jail
