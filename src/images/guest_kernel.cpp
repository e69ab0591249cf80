#include "images/guest_kernel.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace kiln::images {

namespace {

constexpr std::string_view kPrefix = "vmlinuz-";

bool is_digit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

/// The run of digits at the start, without leading zeros; removed from `text`.
std::string_view take_number(std::string_view& text) {
    const auto end = static_cast<std::size_t>(
        std::find_if_not(text.begin(), text.end(), is_digit) - text.begin()
    );
    auto number = text.substr(0, end);
    text.remove_prefix(end);
    number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
    return number;
}

bool is_rescue(std::string_view name) {
    return name.find("rescue") != std::string_view::npos;
}

}  // namespace

bool older_version(std::string_view a, std::string_view b) noexcept {
    while (!a.empty() && !b.empty()) {
        if (is_digit(a.front()) && is_digit(b.front())) {
            const auto x = take_number(a);
            const auto y = take_number(b);
            if (x != y) {
                return x.size() != y.size() ? x.size() < y.size() : x < y;
            }
        } else if (a.front() != b.front()) {
            return a.front() < b.front();
        } else {
            a.remove_prefix(1);
            b.remove_prefix(1);
        }
    }
    return a.empty() && !b.empty();
}

std::optional<GuestKernel> choose_kernel(const std::vector<std::string>& boot) {
    const std::string* best = nullptr;
    for (const auto& name : boot) {
        if (!name.starts_with(kPrefix) || name.ends_with(".old")) {
            continue;
        }
        const bool better = best == nullptr || (is_rescue(*best) && !is_rescue(name)) ||
                            (is_rescue(*best) == is_rescue(name) && older_version(*best, name));
        best = better ? &name : best;
    }
    if (best == nullptr) {
        return std::nullopt;
    }
    GuestKernel found{"/boot/" + *best, std::nullopt};
    const auto version = best->substr(kPrefix.size());
    for (const auto& initrd :
         {"initrd.img-" + version,
          "initramfs-" + version + ".img",
          "initrd-" + version,
          "initramfs-" + version}) {
        if (!found.initrd && std::find(boot.begin(), boot.end(), initrd) != boot.end()) {
            found.initrd = "/boot/" + initrd;
        }
    }
    return found;
}

GuestKernel find_kernel(const os::GuestRoot& guest) {
    if (auto found = choose_kernel(guest.list("/boot"))) {
        return *found;
    }
    if (guest.exists("/vmlinuz")) {
        GuestKernel found{"/vmlinuz", std::nullopt};
        if (guest.exists("/initrd.img")) {
            found.initrd = "/initrd.img";
        }
        return found;
    }
    throw Error{
        ErrorKind::not_found, "this image has no kernel: neither /boot/vmlinuz-* nor /vmlinuz"}
        .hint(
            "install one in the image (Debian: linux-image-cloud-amd64, initramfs-tools and "
            "systemd-sysv), or leave the boot test out"
        );
}

}  // namespace kiln::images
