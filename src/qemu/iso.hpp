#pragma once

#include <string>
#include <vector>

namespace kiln::qemu {

struct IsoFile {
    std::string name;
    std::string content;
};

/// An ISO 9660 image with these files in its root, names kept by Rock Ridge and Joliet. The same
/// files give the same image up to its creation time.
/// @param label  the volume's
/// @throws Error  internal: libarchive cannot
[[nodiscard]] std::string iso_image(const std::string& label, const std::vector<IsoFile>& files);

}  // namespace kiln::qemu
