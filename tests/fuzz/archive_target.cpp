// Whole archives, unpacked into a folder: nothing appears beside it.

#include "archive/archive.hpp"
#include "base/error.hpp"
#include "tests/fuzz/target.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <stdlib.h>

namespace kiln::fuzz {

namespace {

/// A folder of this process, with the folder `in` that archives are unpacked into and nothing else.
struct Playground {
    std::filesystem::path folder;

    Playground() {
        std::string name = (std::filesystem::temp_directory_path() / "kiln-fuzz-XXXXXX").string();
        KILN_CHECK(::mkdtemp(name.data()) != nullptr);
        folder = name;
    }

    Playground(Playground&&) = delete;

    ~Playground() {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }

    void reset() const {
        std::filesystem::remove_all(folder / "in");
        std::filesystem::create_directory(folder / "in");
    }

    [[nodiscard]] bool only_inside() const {
        const std::filesystem::directory_iterator entries{folder};
        return std::distance(begin(entries), end(entries)) == 2;  // the archive and `in`
    }
};

}  // namespace

void run(const std::string& input) {
    static const Playground playground;
    playground.reset();
    const auto file = playground.folder / "archive";
    std::ofstream{file, std::ios::binary}.write(
        input.data(), static_cast<std::streamsize>(input.size())
    );
    try {
        const archive::Limits limits{Bytes{1U << 20}, 1000, 1000};
        (void
        )archive::extract(file, playground.folder / "in", archive::Ownership::ours, limits, {});
    } catch (const Error& error) {
        expect_refusal(error);
    }
    KILN_CHECK(playground.only_inside());
}

std::string word(std::size_t number) {
    static constexpr std::array kWords{
        "../", "/etc/", "ustar", "0000644", "./", "\x1f\x8b\x08", "x", "1", "2", "L"};
    return kWords.at(number % kWords.size());
}

}  // namespace kiln::fuzz
