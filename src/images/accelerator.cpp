#include "images/accelerator.hpp"

#include "base/error.hpp"
#include "images/watched_process.hpp"
#include "os/fd.hpp"
#include "os/files.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::images {

namespace {

constexpr std::size_t kSector = 512;
constexpr int kLeft = 0x21;  // isa-debug-exit ends QEMU with (value << 1) | 1; the value is 0x10

/// What a kernel does first, then work: page tables at 0x1000 that map the first 2 MiB to
/// themselves, long mode, 20 million rounds of a loop, the end. Under a KVM that emulates
/// instructions one by one (nested ones do, of guests that do not know of it) the loop takes a
/// quarter of a minute, else hundredths of a second. The boot sector's address is 0x7c00. Source:
/// Intel SDM volume 3, 9.8.5 "Initializing IA-32e Mode"; as(1) made the bytes
constexpr std::array<unsigned char, 128> kGuest{
    // cli; cld; ax = 0; ds = ax; es = ax
    0xfa,
    0xfc,
    0x31,
    0xc0,
    0x8e,
    0xd8,
    0x8e,
    0xc0,
    // di = 0x1000; cx = 0x1800; rep stosw
    0xbf,
    0x00,
    0x10,
    0xb9,
    0x00,
    0x18,
    0xf3,
    0xab,
    // [0x1000] = 0x2003; [0x2000] = 0x3003; [0x3000] = 0x83, a large page
    0xc7,
    0x06,
    0x00,
    0x10,
    0x03,
    0x20,
    0xc7,
    0x06,
    0x00,
    0x20,
    0x03,
    0x30,
    0xc7,
    0x06,
    0x00,
    0x30,
    0x83,
    0x00,
    // cr4 |= PAE; cr3 = 0x1000
    0x0f,
    0x20,
    0xe0,
    0x0c,
    0x20,
    0x0f,
    0x22,
    0xe0,
    0x66,
    0xb8,
    0x00,
    0x10,
    0x00,
    0x00,
    0x0f,
    0x22,
    0xd8,
    // EFER |= LME
    0x66,
    0xb9,
    0x80,
    0x00,
    0x00,
    0xc0,
    0x0f,
    0x32,
    0x66,
    0x0d,
    0x00,
    0x01,
    0x00,
    0x00,
    0x0f,
    0x30,
    // lgdtl [0x7c7a]; cr0 |= PG | PE; ljmp 8:0x7c5a
    0x66,
    0x0f,
    0x01,
    0x16,
    0x7a,
    0x7c,
    0x0f,
    0x20,
    0xc0,
    0x66,
    0x0d,
    0x01,
    0x00,
    0x00,
    0x80,
    0x0f,
    0x22,
    0xc0,
    0xea,
    0x5a,
    0x7c,
    0x08,
    0x00,
    // 64 bits from here. ecx = 20000000; again: ecx -= 1; jnz again
    0xb9,
    0x00,
    0x2d,
    0x31,
    0x01,
    0xff,
    0xc9,
    0x75,
    0xfc,
    // al = 0x10; out 0xf4, al; halt: hlt; jmp halt
    0xb0,
    0x10,
    0xe6,
    0xf4,
    0xf4,
    0xeb,
    0xfd,
    // segments: none, code of 64 bits; then their table's size and address
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0x9a,
    0x20,
    0,
    0x0f,
    0x00,
    0x6a,
    0x7c,
    0,
    0};

std::string boot_sector() {
    std::string sector(kSector, '\0');
    std::ranges::transform(kGuest, sector.begin(), [](unsigned char byte) {
        return static_cast<char>(byte);
    });
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
