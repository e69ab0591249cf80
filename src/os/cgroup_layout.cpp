#include "os/cgroup_layout.hpp"

#include "os/mount_table.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace kiln::os {

namespace {

/// Is `word` one of the words of `list`, which `separator` and line ends part?
bool has_word(std::string_view list, std::string_view word, char separator) {
    while (!list.empty()) {
        const auto end = std::min(list.find(separator), list.size());
        auto item = list.substr(0, end);
        item = item.substr(0, item.find('\n'));
        if (item == word) {
            return true;
        }
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

std::uint64_t number_at(std::string_view text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

std::filesystem::path unified_mount(std::string_view mountinfo) {
    for (const auto& entry : parse_mount_table(mountinfo)) {
        if (entry.type == "cgroup2") {
            return entry.target;
        }
    }
    return {};
}

std::vector<CgroupSeat> choose_seats(
    std::string_view mountinfo, std::string_view unified_controllers
) {
    const auto in_unified = [&](std::string_view name) {
        return has_word(unified_controllers, name, ' ');
    };
    std::vector<CgroupSeat> seats;
    CgroupSeat taken;
    if (const auto mount = unified_mount(mountinfo); !mount.empty()) {
        taken = {
            .folder = mount,
            .unified = true,
            .memory = in_unified("memory"),
            .pids = in_unified("pids"),
            .cpu = true,
            .quota = in_unified("cpu"),
            .io = in_unified("io")};
        seats.push_back(taken);
    }
    for (const auto& entry : parse_mount_table(mountinfo)) {
        if (entry.type != "cgroup") {
            continue;
        }
        const auto adds = [&](std::string_view name, bool& role) {
            const bool added = !role && has_word(entry.super_options, name, ',');
            role = role || added;
            return added;
        };
        CgroupSeat seat{.folder = entry.target};
        seat.memory = adds("memory", taken.memory);
        seat.pids = adds("pids", taken.pids);
        seat.cpu = adds("cpuacct", taken.cpu);
        seat.quota = adds("cpu", taken.quota);
        seat.io = adds("blkio", taken.io);
        if (seat.memory || seat.pids || seat.cpu || seat.quota || seat.io) {
            seats.push_back(seat);
        }
    }
    return seats;
}

std::uint64_t keyed_number(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ') {
            return number_at(line.substr(key.size() + 1));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return 0;
}

std::uint64_t sum_of(std::string_view text, std::string_view key) {
    std::uint64_t sum = 0;
    const auto wanted = std::string{" "} + std::string{key} + "=";
    for (auto at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at)) {
        at += wanted.size();
        sum += number_at(text.substr(at));
    }
    return sum;
}

}  // namespace kiln::os
