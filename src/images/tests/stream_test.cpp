#include "archive/archive.hpp"
#include "base/error.hpp"
#include "base/testing/kind_of.hpp"
#include "images/compressor.hpp"
#include "images/export.hpp"
#include "images/tar_scan.hpp"
#include "images/watched_process.hpp"
#include "os/fd.hpp"
#include "os/files.hpp"

#include <array>
#include <fstream>

#include <gtest/gtest.h>

#include <fcntl.h>

namespace kiln::images {
namespace {

std::string name_of(Compression compression) {
    const std::vector<std::string> names{"None", "Gzip", "Xz", "Zstd"};
    return names.at(static_cast<std::size_t>(compression));
}

class CompressorTest : public ::testing::TestWithParam<Compression> {
  protected:
    std::string tar() {
        const auto folder =
            os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-images");
        std::ofstream{folder.path() / "file"} << std::string(100'000, 'x');
        std::string bytes;
        archive::pack(folder.path(), [&](std::string_view part) { bytes += part; }, {});
        return bytes;
    }

    static std::string compress(const std::string& bytes) {
        std::string out;
        Compressor compressor{GetParam(), [&](std::string_view part) { out += part; }};
        compressor.feed(std::string_view{bytes}.substr(0, 1000));
        compressor.feed(std::string_view{bytes}.substr(1000));
        compressor.finish();
        return out;
    }
};

TEST_P(CompressorTest, WhatItWritesIsReadBack) {
    const auto folder = os::TempDir::unique(std::filesystem::temp_directory_path(), "kiln-images");
    const auto packed = compress(tar());
    os::write_file_durably(folder.path() / "a", packed);
    EXPECT_EQ(scan_tar(folder.path() / "a", {}).entries, 2U);
    EXPECT_EQ(packed.size() < 50'000, GetParam() != Compression::none);
}

TEST_P(CompressorTest, SameBytesGiveTheSameBytes) {
    const auto bytes = tar();
    EXPECT_EQ(compress(bytes), compress(bytes));
}

TEST_P(CompressorTest, FailureOfTheWriterComesBackAsItIs) {
    const auto bytes = tar();
    EXPECT_EQ(
        kind_of([&] {
            Compressor compressor{GetParam(), [](std::string_view) {
                                      throw Error{ErrorKind::exhausted, "full"};
                                  }};
            compressor.feed(bytes);
            compressor.finish();
        }),
        ErrorKind::exhausted
    );
}

INSTANTIATE_TEST_SUITE_P(
    Kinds,
    CompressorTest,
    ::testing::Values(Compression::none, Compression::gzip, Compression::xz, Compression::zstd),
    [](const auto& row) { return name_of(row.param); }
);

os::Command shell(std::string script) {
    os::Command command;
    command.argv = {"/bin/sh", "-c", std::move(script)};
    return command;
}

Deadline soon() {
    return Deadline::after(std::chrono::seconds{20});
}

TEST(WatchedProcessTest, HandsOverBothStreamsAndTheStatus) {
    std::string text;
    const auto watched = watch_process(
        shell("echo out; echo err >&2; exit 3"),
        [&](std::string_view bytes) {
            text += bytes;
            return Go::on;
        },
        soon(),
        {}
    );
    EXPECT_EQ(text, "out\nerr\n");
    EXPECT_EQ(watched.cause, Watched::Cause::exited);
    EXPECT_EQ(watched.status.code, 3);
}

TEST(WatchedProcessTest, SinkEndsIt) {
    const auto watched = watch_process(
        shell("echo now; exec cat /dev/zero"), [](std::string_view) { return Go::end; }, soon(), {}
    );
    EXPECT_EQ(watched.cause, Watched::Cause::ended_by_sink);
}

TEST(WatchedProcessTest, DeadlineEndsIt) {
    const auto watched = watch_process(
        shell("read x < /dev/zero"),
        [](std::string_view) { return Go::on; },
        Deadline::after(std::chrono::milliseconds{20}),
        {}
    );
    EXPECT_EQ(watched.cause, Watched::Cause::timed_out);
}

TEST(WatchedProcessTest, StopIsCancelled) {
    std::stop_source source;
    EXPECT_EQ(
        kind_of([&] {
            (void)watch_process(
                shell("echo; exec cat /dev/zero"),
                [&](std::string_view) {
                    source.request_stop();
                    return Go::on;
                },
                soon(),
                source.get_token()
            );
        }),
        ErrorKind::cancelled
    );
}

struct NameCase {
    const char* name;
    const char* file;
    ExportFormat format;
    Compression compression;
};

class FormatOfNameTest : public ::testing::TestWithParam<NameCase> {};

TEST_P(FormatOfNameTest, EndingDecides) {
    EXPECT_EQ(
        format_of_name(GetParam().file), std::pair(GetParam().format, GetParam().compression)
    );
}

INSTANTIATE_TEST_SUITE_P(
    Names,
    FormatOfNameTest,
    ::testing::Values(
        NameCase{"Raw", "/a/x.raw", ExportFormat::raw, Compression::none},
        NameCase{"Qcow2", "x.qcow2", ExportFormat::qcow2, Compression::none},
        NameCase{"Tar", "x.tar", ExportFormat::tar, Compression::none},
        NameCase{"TarZst", "x.tar.zst", ExportFormat::tar, Compression::zstd},
        NameCase{"Tgz", "x.tgz", ExportFormat::tar, Compression::gzip},
        NameCase{"OciTar", "x.oci.tar", ExportFormat::oci, Compression::none},
        NameCase{"OciFolder", "x.oci", ExportFormat::oci, Compression::none}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(FormatWordTest, UnknownOnesAreRefusedWithASuggestion) {
    EXPECT_EQ(kind_of([] { (void)format_of_name("x.zip"); }), ErrorKind::invalid);
    try {
        (void)export_format("qcow");
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_NE(error.message().find("did you mean \"qcow2\""), std::string::npos);
    }
    EXPECT_EQ(export_format("oci"), ExportFormat::oci);
}

}  // namespace
}  // namespace kiln::images
