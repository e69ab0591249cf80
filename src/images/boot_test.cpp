#include "images/boot_test.hpp"

#include "base/error.hpp"
#include "images/console_watch.hpp"
#include "images/qemu_option.hpp"
#include "images/scratch_volume.hpp"
#include "images/watched_process.hpp"
#include "os/fd.hpp"
#include "os/guest_root.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::images {

namespace {

constexpr std::size_t kTailLines = 15;
constexpr std::string_view kEfiSystem = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
constexpr std::string_view kBiosBoot = "21686148-6449-6e6f-744e-656564454649";
constexpr std::array<std::string_view, 4> kUefiFiles{
    "/usr/share/ovmf/OVMF.fd",
    "/usr/share/OVMF/OVMF_CODE.fd",
    "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd",
    "/usr/share/AAVMF/AAVMF_CODE.fd"};

bool is_arm(const std::string& architecture) {
    return architecture == "arm64";
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return text;
}

std::filesystem::path uefi_file(const std::string& architecture) {
    const std::size_t first = is_arm(architecture) ? 2 : 0;
    for (std::size_t i = first; i < first + 2; ++i) {
        if (std::filesystem::exists(kUefiFiles.at(i))) {
            return kUefiFiles.at(i);
        }
    }
    throw Error{
        ErrorKind::not_found, "the image starts by UEFI, whose firmware is not on this host"}
        .hint(is_arm(architecture) ? "apt-get install qemu-efi-aarch64" : "apt-get install ovmf");
}

/// Copies a file of the guest to this host, where QEMU can read it without a look into the guest.
std::filesystem::path take_out(
    const Task& task, const os::GuestRoot& guest, const std::string& inside, std::string_view name
) {
    const auto from = guest.open(inside, O_RDONLY | O_NONBLOCK);
    ::posix_fadvise(from.get(), 0, 0, POSIX_FADV_WILLNEED);  // read on while this writes
    auto path = task.folder / name;
    const auto to = os::open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    std::string block(1U << 20, '\0');
    for (;;) {
        task.check("copy the kernel");
        const auto got = ::read(from.get(), block.data(), block.size());
        if (got < 0) {
            throw_errno(fmt::format("read the image's {}", inside));
        }
        if (got == 0) {
            return path;
        }
        os::write_all(to, std::string_view{block}.substr(0, static_cast<std::size_t>(got)));
    }
}

void take_kernel(const Task& task, Machine& machine) {
    disk::MountedRoot::Options options;
    options.read_only = true;
    auto root = disk::MountedRoot::mount(
        machine.disk, mount_point(task, "kernel"), options, task.stop, task.deadline
    );
    {
        const os::GuestRoot guest{root.path()};  // closed before the unmount
        const auto found = find_kernel(guest);
        machine.kernel = take_out(task, guest, found.kernel, "vmlinuz");
        if (found.initrd) {
            machine.initrd = take_out(task, guest, *found.initrd, "initrd");
        }
    }
    root.unmount();
}

BootResult run_machine(
    const Task& task, std::vector<std::string> arguments, const BootOptions& options
) {
    ConsoleWatch watch{options.markers.empty() ? default_markers() : options.markers};
    std::optional<ConsoleWatch::Verdict> verdict;
    os::Command command;
    command.argv = std::move(arguments);
    // The overlay of snapshot=on is an unlinked file there: gone with the process.
    command.environment = {{"TMPDIR", task.folder.string()}};
    const auto started = std::chrono::steady_clock::now();
    const auto watched = watch_process(
        std::move(command),
        [&](std::string_view bytes) {
            if (options.console) {
                options.console(bytes);
            }
            verdict = watch.feed(bytes);
            return verdict ? Go::end : Go::on;
        },
        Deadline::earlier(task.deadline, Deadline::after(options.patience)),
        task.stop
    );
    const auto took =
        std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started);
    if (verdict && verdict->booted) {
        return {verdict->word, took, watch.tail(kTailLines)};
    }
    const auto console = fmt::format("; the console's end:\n{}", watch.tail(kTailLines));
    if (verdict) {
        throw Error{
            ErrorKind::internal,
            fmt::format("boot test: \"{}\" on the console{}", verdict->word, console)};
    }
    if (watched.cause == Watched::Cause::timed_out) {
        throw Error{
            ErrorKind::timed_out,
            fmt::format(
                "boot test: no sign of a finished start after {}{}", humanize(took), console
            )}
            .hint("say what the console shows at the end of a good start with the boot marker");
    }
    throw Error{
        ErrorKind::internal,
        fmt::format(
            "boot test: the machine ended ({}) before its start was finished{}",
            watched.status.describe(),
            console
        )};
}

}  // namespace

Firmware choose_firmware(const disk::Layout& layout, const std::string& architecture) {
    if (layout.table.empty() && !layout.filesystem.empty()) {
        return Firmware::kernel;
    }
    const auto has = [&](std::string_view type) {
        return std::any_of(
            layout.partitions.begin(),
            layout.partitions.end(),
            [&](const disk::Partition& partition) { return lower(partition.type) == type; }
        );
    };
    const bool efi_only = has(kEfiSystem) && !has(kBiosBoot);
    return is_arm(architecture) || efi_only ? Firmware::uefi : Firmware::bios;
}

// graphics=off: the BIOS writes to the serial port, so that "No bootable device" is seen.
std::vector<std::string> machine_arguments(const Machine& machine, const BootOptions& options) {
    const bool arm = is_arm(options.architecture);
    const bool kvm = options.accelerator == Accelerator::kvm;
    std::vector<std::string> arguments{
        arm ? "qemu-system-aarch64" : "qemu-system-x86_64",
        "-machine",
        arm ? "virt" : "pc,graphics=off",
        "-accel",
        kvm ? "kvm" : "tcg",
        "-cpu",
        kvm ? "host" : "max",
        "-m",
        fmt::format("{}M", options.memory.count >> 20),
        "-smp",
        std::to_string(options.processors),
        "-nodefaults",
        "-no-user-config",
        "-no-reboot",
        "-display",
        "none",
        "-serial",
        "stdio",
        "-device",
        arm ? "virtio-rng-device" : "virtio-rng-pci",
        "-drive",
        fmt::format("file={},format=raw,if=virtio,snapshot=on", qemu_value(machine.disk)),
    };
    const auto add = [&](std::initializer_list<std::string> more) {
        arguments.insert(arguments.end(), more);
    };
    switch (machine.firmware) {
        case Firmware::bios:
            break;
        case Firmware::uefi:
            add({"-bios", machine.uefi.string()});
            break;
        case Firmware::kernel:
            add(
                {"-kernel",
                 machine.kernel.string(),
                 "-append",
                 fmt::format("root=/dev/vda rw console={} panic=-1", arm ? "ttyAMA0" : "ttyS0")}
            );
            if (machine.initrd) {
                add({"-initrd", machine.initrd->string()});
            }
            break;
    }
    return arguments;
}

Machine look_at_disk(
    const Task& task, const std::filesystem::path& device, const std::string& architecture
) {
    Machine machine;
    machine.disk = std::filesystem::absolute(device);
    machine.firmware = choose_firmware(disk::probe(machine.disk), architecture);
    if (machine.firmware == Firmware::kernel) {
        take_kernel(task, machine);
    } else if (machine.firmware == Firmware::uefi) {
        machine.uefi = uefi_file(architecture);
    }
    return machine;
}

BootResult boot_device(
    const Task& task, const std::filesystem::path& device, const BootOptions& options
) {
    const auto machine = look_at_disk(task, device, options.architecture);
    task.report("boot");
    return run_machine(task, machine_arguments(machine, options), options);
}

BootResult boot_snapshot(const Task& task, const SnapshotId& snapshot, const BootOptions& options) {
    auto volume = ScratchVolume::of(task, snapshot);
    auto result = boot_device(task, volume.device(), options);
    volume.remove();
    return result;
}

}  // namespace kiln::images
