#include "images/qemu_option.hpp"

namespace kiln::images {

std::string qemu_value(const std::filesystem::path& path) {
    std::string text;
    for (const char c : path.string()) {
        text += c;
        if (c == ',') {
            text += c;
        }
    }
    return text;
}

}  // namespace kiln::images
