// Partition tables and file system headers: the root that is chosen lies within the disk.

#include "base/error.hpp"
#include "disk/root_disk.hpp"
#include "tests/fuzz/target.hpp"

#include <array>
#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace kiln::fuzz {

namespace {

constexpr std::uintmax_t kDiskBytes = 4U << 20;

struct Disk {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("kiln-fuzz-disk-" + std::to_string(::getpid()));
    Disk() = default;
    Disk(Disk&&) = delete;

    ~Disk() {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
    }
};

}  // namespace

void run(const std::string& input) {
    static const Disk disk;
    std::ofstream{disk.path, std::ios::binary}.write(
        input.data(), static_cast<std::streamsize>(input.size())
    );
    std::filesystem::resize_file(disk.path, kDiskBytes);
    try {
        const auto root = disk::choose_root(disk::probe(disk.path), Bytes{kDiskBytes});
        KILN_CHECK(root.offset.count <= kDiskBytes);
        KILN_CHECK(root.size.count <= kDiskBytes - root.offset.count);
    } catch (const Error& error) {
        expect_refusal(error);
    }
}

std::string word(std::size_t number) {
    static constexpr std::array kWords{
        "EFI PART", "\x55\xaa", "XFSB", "\x53\xef", "_BHRfS_M", "\x83", "\xee"};
    return kWords.at(number % kWords.size());
}

}  // namespace kiln::fuzz
