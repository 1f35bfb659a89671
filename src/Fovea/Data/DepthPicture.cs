using Fovea.Imaging;

namespace Fovea.Data;

/// <summary>Reads the depth that belongs to a picture, and finds it beside one.</summary>
public static class DepthPicture
{
    internal const string Field = "depth";

    internal static readonly string[] Folders = ["depth", "depths", "depth_bfx", "depth_raw", "depth_images"];

    private static readonly string[] Suffixes = ["", "_depth", "_depths", "_d"];
    private static readonly string[] PictureSuffixes = ["_rgb", "_colors", "_color", "_colour", "_image"];

    /// <summary>Reads a depth picture as it is stored.</summary>
    /// <param name="path">A PNG or TIFF of one channel of 16 bits; 0 where nothing was measured.</param>
    /// <param name="pictureSize">The size it must have.</param>
    /// <exception cref="DataException">It is missing, damaged, of another size, or not of one channel of 16 bits.</exception>
    public static Image Load(string path, ImageSize pictureSize)
    {
        var depth = Image.Load(path, ImageChannels.Unchanged);
        if (depth is not { Channels: 1, Type: PixelType.UInt16 })
            throw new DataException(path, Field, $"{Counted.Of(depth.Channels, "channel")} of {(depth.Type == PixelType.UInt8 ? "8 bits" : depth.Type)}", "one channel of 16 bits: a picture made to be looked at has lost the depth");
        return depth.Size == pictureSize
            ? depth
            : throw new DataException(path, Field, $"{depth.Size}", $"{pictureSize}, the size of its picture");
    }

    /// <summary>Finds the depth of a picture in a folder beside the picture's: image/1.jpg has depth/1.png, images/test/1.jpg depth/test/1.png.</summary>
    /// <param name="picture">Path of the picture.</param>
    /// <param name="folderName">Name of the depth folder, or null for the usual ones.</param>
    /// <exception cref="DataException">There is none, or more than one folder of depth.</exception>
    public static string Beside(string picture, string? folderName = null)
    {
        var home = Path.GetDirectoryName(Path.GetFullPath(picture))!;
        var folder = FolderBeside(home, folderName, picture)
            ?? throw new DataException(picture, Field, "no folder of depth pictures", $"a folder {folderName ?? Folders[0]} beside {Path.GetFileName(home)}");
        return Find(Files.ByStem(Files.Pictures(folder)), Files.Stem(picture))
            ?? throw new DataException(picture, Field, "no depth picture", $"a depth picture {Files.Stem(picture)}.png of 16 bits in {folder}");
    }

    internal static Image Load(Sample sample, ImageSize size) => Load(
        sample.DepthPath ?? throw new DataException(sample.ImagePath, Field, "no depth picture", "a data set of colour and depth (rgbd): the network takes both"), size);

    /// <summary>The folder of depth pictures that belongs to a folder of pictures, or null.</summary>
    internal static string? FolderBeside(string pictureFolder, string? name, string file)
    {
        if (Path.GetDirectoryName(pictureFolder) is not { } parent)
            return null;
        if (Choose(parent, name, file) is { } beside)
            return Path.Combine(parent, beside);
        // images/train beside depth/train
        return Path.GetDirectoryName(parent) is { } above && Choose(above, name, file) is { } aside
            && Path.Combine(above, aside, Path.GetFileName(pictureFolder)) is var folder && Directory.Exists(folder) ? folder : null;
    }

    /// <summary>The depth of a picture among files by their stems, or null.</summary>
    internal static string? Find(ILookup<string, string> depths, string stem)
    {
        var bare = PictureSuffixes.FirstOrDefault(suffix => stem.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) is { } ending ? stem[..^ending.Length] : stem;
        return Suffixes.SelectMany(suffix => depths[stem + suffix].Concat(depths[bare + suffix])).FirstOrDefault();
    }

    /// <summary>The name of the folder of depth in a folder, or null.</summary>
    /// <exception cref="DataException">There are several and none is asked for.</exception>
    internal static string? Choose(string parent, string? name, string file)
    {
        if (name is not null)
            return Files.Folder(parent, name) is { } named ? Path.GetFileName(named) : null;
        var found = Folders.Select(usual => Files.Folder(parent, usual)).OfType<string>().Select(static path => Path.GetFileName(path)).ToList();
        return found.Count <= 1
            ? found.FirstOrDefault()
            : throw new DataException(file, Field, $"{string.Join(" and ", found)} in {parent}", "one folder of depth; say which (--depth-folder, data.depth_folder): filled holes and raw measurements differ");
    }
}
