#include "inspect/package.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace kiln::inspect {

namespace {

auto identity(const Package& package) {
    return std::tie(package.manager, package.name, package.architecture);
}

bool before_in_order(const Package& a, const Package& b) {
    return std::tie(a.manager, a.name, a.architecture, a.version) <
           std::tie(b.manager, b.name, b.architecture, b.version);
}

using Iterator = Packages::const_iterator;

Iterator end_of_group(Iterator from, Iterator end) {
    return std::find_if(from, end, [&](const Package& p) {
        return identity(p) != identity(*from);
    });
}

bool has_version(Iterator from, Iterator to, const Package& wanted) {
    return std::any_of(from, to, [&](const Package& p) { return p.version == wanted.version; });
}

/// Versions of one name and architecture on both sides. One replaced by one is a change; where
/// several versions live side by side, what came is added and what went is removed.
void diff_group(PackageDiff& diff, Iterator a, Iterator a_end, Iterator b, Iterator b_end) {
    Packages gone;
    Packages come;
    std::copy_if(a, a_end, std::back_inserter(gone), [&](const Package& p) {
        return !has_version(b, b_end, p);
    });
    std::copy_if(b, b_end, std::back_inserter(come), [&](const Package& p) {
        return !has_version(a, a_end, p);
    });
    if (gone.size() == 1 && come.size() == 1) {
        diff.changed.push_back({gone.front(), come.front()});
        return;
    }
    diff.removed.insert(diff.removed.end(), gone.begin(), gone.end());
    diff.added.insert(diff.added.end(), come.begin(), come.end());
}

json::array list_json(const Packages& packages) {
    json::array list;
    for (const auto& package : packages) {
        list.push_back(to_json(package));
    }
    return list;
}

struct Row {
    char sign;
    std::string name;
    std::string version;
};

std::string full_name(const Package& package) {
    return package.name + (package.architecture.empty() ? "" : ":" + package.architecture);
}

std::vector<Row> rows_of(const PackageDiff& diff) {
    std::vector<Row> rows;
    for (const auto& package : diff.added) {
        rows.push_back({'+', full_name(package), package.version});
    }
    for (const auto& package : diff.removed) {
        rows.push_back({'-', full_name(package), package.version});
    }
    for (const auto& change : diff.changed) {
        rows.push_back(
            {'~', full_name(change.after), change.before.version + " -> " + change.after.version}
        );
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
        return a.name < b.name;
    });
    return rows;
}

}  // namespace

void sort_packages(Packages& packages) {
    std::sort(packages.begin(), packages.end(), before_in_order);
}

PackageDiff diff_packages(const Packages& before, const Packages& after) {
    PackageDiff diff;
    auto a = before.begin();
    auto b = after.begin();
    while (a != before.end() || b != after.end()) {
        if (b == after.end() || (a != before.end() && identity(*a) < identity(*b))) {
            diff.removed.push_back(*a++);
        } else if (a == before.end() || identity(*b) < identity(*a)) {
            diff.added.push_back(*b++);
        } else {
            const auto a_end = end_of_group(a, before.end());
            const auto b_end = end_of_group(b, after.end());
            diff_group(diff, a, a_end, b, b_end);
            a = a_end;
            b = b_end;
        }
    }
    return diff;
}

json::object to_json(const Package& package) {
    json::object object{
        {"manager", package.manager},
        {"name", package.name},
        {"version", package.version},
        {"architecture", package.architecture},
        {"source", package.source},
    };
    object["license"] =
        package.license.empty() ? json::value(nullptr) : json::value(package.license);
    object["maintainer"] =
        package.maintainer.empty() ? json::value(nullptr) : json::value(package.maintainer);
    return object;
}

json::object to_json(const PackageDiff& diff) {
    json::array changed;
    for (const auto& change : diff.changed) {
        changed.push_back(json::object{
            {"manager", change.after.manager},
            {"name", change.after.name},
            {"architecture", change.after.architecture},
            {"before", change.before.version},
            {"after", change.after.version},
        });
    }
    return {
        {"added", list_json(diff.added)},
        {"removed", list_json(diff.removed)},
        {"changed", std::move(changed)},
    };
}

std::string render(const PackageDiff& diff) {
    const auto rows = rows_of(diff);
    std::size_t width = 0;
    for (const auto& row : rows) {
        width = std::max(width, row.name.size());
    }
    std::string text;
    for (const auto& row : rows) {
        text += fmt::format("{} {:<{}}  {}\n", row.sign, row.name, width, row.version);
    }
    return text;
}

}  // namespace kiln::inspect
