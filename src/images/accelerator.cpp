#include "images/accelerator.hpp"

#include "base/error.hpp"
#include "images/watched_process.hpp"
#include "os/fd.hpp"
#include "os/files.hpp"

#include <array>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::images {

namespace {

constexpr std::size_t kSector = 512;
constexpr int kLeft = 0x21;  // isa-debug-exit ends QEMU with (value << 1) | 1; the value is 0x10

/// mov al, 0x10; out 0xf4, al; hang: hlt; jmp hang
constexpr std::array<unsigned char, 7> kLeave{0xb0, 0x10, 0xe6, 0xf4, 0xf4, 0xeb, 0xfd};

std::string boot_sector() {
    std::string sector(kSector, '\0');
    for (std::size_t i = 0; i < kLeave.size(); ++i) {
        sector[i] = static_cast<char>(kLeave.at(i));
    }
    sector[510] = '\x55';
    sector[511] = '\xaa';
    return sector;
}

}  // namespace

bool accelerator_works(
    const std::string& accelerator,
    const std::filesystem::path& folder,
    std::chrono::milliseconds patience,
    const std::stop_token& stop
) {
    auto place = os::TempDir::unique(folder, "accelerator");
    const auto disk = place.path() / "sector";
    os::write_all(os::open_file(disk, O_WRONLY | O_CREAT | O_EXCL, 0600), boot_sector());
    os::Command command;
    command.argv = {
        "qemu-system-x86_64",
        "-accel",
        accelerator,
        "-machine",
        "pc",
        "-m",
        "16",
        "-nodefaults",
        "-no-user-config",
        "-no-reboot",
        "-display",
        "none",
        "-drive",
        "file=" + disk.string() + ",format=raw,if=ide,readonly=off",
        "-device",
        "isa-debug-exit,iobase=0xf4,iosize=0x04"};
    const auto watched = watch_process(
        std::move(command), [](std::string_view) { return Go::on; }, Deadline::after(patience), stop
    );
    place.remove();
    return watched.cause == Watched::Cause::exited && watched.status.signal == 0 &&
           watched.status.code == kLeft;
}

bool kvm_works(const std::filesystem::path& folder, const std::stop_token& stop) {
    const os::Fd device{::open("/dev/kvm", O_RDWR | O_CLOEXEC)};
    return device && accelerator_works("kvm", folder, std::chrono::seconds{2}, stop);
}

}  // namespace kiln::images
