#include "images/import_disk.hpp"

#include "base/error.hpp"
#include "images/qemu_img.hpp"
#include "images/tar_scan.hpp"
#include "os/fd.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::images {

namespace {

constexpr std::size_t kBlock = 1U << 20;
constexpr std::size_t kZeroBlock = 64U << 10;  // qcow2's cluster: less would spare nothing

bool is_zero(std::string_view bytes) {
    return bytes.empty() || (bytes.front() == '\0' &&
                             std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

void write_at(const os::Fd& fd, std::string_view bytes, off_t offset) {
    while (!bytes.empty()) {
        const auto wrote = ::pwrite(fd.get(), bytes.data(), bytes.size(), offset);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote < 0) {
            throw_errno("write to the volume");
        }
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
        offset += wrote;
    }
}

/// Where data begins at or after `from`; nullopt: only holes follow. Files and devices that know no
/// holes are all data.
std::optional<off_t> next_data(const os::Fd& fd, off_t from) {
    const auto found = ::lseek(fd.get(), from, SEEK_DATA);
    if (found >= 0) {
        return found;
    }
    if (errno == ENXIO) {
        return std::nullopt;
    }
    if (errno == EINVAL || errno == ENOTSUP) {
        return from;
    }
    throw_errno("look for data");
}

off_t end_of_data(const os::Fd& fd, off_t from, off_t size) {
    const auto found = ::lseek(fd.get(), from, SEEK_HOLE);
    return found > from ? found : size;
}

class Copy {
  public:
    Copy(const Task& task, const os::Fd& from, const os::Fd& to, off_t size, std::string_view phase)
        : task_{task}, from_{from}, to_{to}, size_{size}, phase_{phase} {}

    void run() {
        for (off_t at = 0; at < size_;) {
            const auto data = next_data(from_, at);
            if (!data || *data >= size_) {
                break;
            }
            const auto end = std::min(end_of_data(from_, *data, size_), size_);
            copy_range(*data, end);
            at = end;
        }
        task_.report(phase_, total(), total());
    }

  private:
    [[nodiscard]] Bytes total() const { return {static_cast<std::uint64_t>(size_)}; }

    void copy_range(off_t at, off_t end) {
        while (at < end) {
            task_.check(phase_);
            const auto want =
                std::min<std::size_t>(block_.size(), static_cast<std::size_t>(end - at));
            const auto got = ::pread(from_.get(), block_.data(), want, at);
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got < 0) {
                throw_errno("read the source");
            }
            if (got == 0) {
                throw Error{ErrorKind::conflict, "the source was made shorter while it was read"};
            }
            write_data(std::string_view{block_}.substr(0, static_cast<std::size_t>(got)), at);
            at += got;
            task_.report(phase_, Bytes{static_cast<std::uint64_t>(at)}, total());
        }
    }

    void write_data(std::string_view bytes, off_t at) {
        while (!bytes.empty()) {
            const auto part = bytes.substr(0, kZeroBlock);
            if (!is_zero(part)) {
                write_at(to_, part, at);
            }
            bytes.remove_prefix(part.size());
            at += static_cast<off_t>(part.size());
        }
    }

    const Task& task_;
    const os::Fd& from_;
    const os::Fd& to_;
    off_t size_;
    std::string_view phase_;
    std::string block_ = std::string(kBlock, '\0');
};

off_t length_of(const os::Fd& fd, const std::filesystem::path& path) {
    // Of a block device too, whose status says 0.
    const auto length = ::lseek(fd.get(), 0, SEEK_END);
    if (length < 0) {
        throw_errno(fmt::format("size of '{}'", path.string()));
    }
    return length;
}

Bytes volume_size(Bytes disk, const std::optional<Bytes>& wanted) {
    if (wanted && *wanted < disk) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "the disk is {} large; a volume of {} cannot hold it",
                humanize(disk),
                humanize(*wanted)
            )}
            .hint("leave the size out, or ask for a larger one");
    }
    return whole_gib(wanted.value_or(disk));
}

}  // namespace

void copy_sparse(
    const Task& task,
    const std::filesystem::path& from,
    const std::filesystem::path& to,
    std::string_view phase
) {
    const auto source = os::open_file(from, O_RDONLY);
    const auto target = os::open_file(to, O_WRONLY);
    Copy{task, source, target, length_of(source, from), phase}.run();
    if (::fsync(target.get()) != 0) {
        throw_errno("write to the volume");
    }
}

ScratchVolume import_disk(
    const Task& task,
    const std::filesystem::path& source,
    Format format,
    const std::optional<Bytes>& size
) {
    const bool raw = format == Format::raw;
    const Bytes disk =
        raw ? Bytes{static_cast<std::uint64_t>(length_of(os::open_file(source, O_RDONLY), source))}
            : disk_size(task, source, format);
    auto volume = ScratchVolume::empty(task, volume_size(disk, size));
    with_cause(volume, [&] {
        if (raw) {
            copy_sparse(task, source, volume.device(), "copy");
            return;
        }
        Conversion conversion;
        conversion.from = source;
        conversion.from_format = format;
        conversion.to = volume.device();
        conversion.into_empty_device = true;
        convert(task, conversion, "convert", disk);
    });
    return volume;
}

}  // namespace kiln::images
