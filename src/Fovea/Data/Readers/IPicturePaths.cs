namespace Fovea.Data.Readers;

/// <summary>A data set that must read files to give a sample, but not to name its picture.</summary>
internal interface IPicturePaths
{
    /// <summary>The path of a picture; nothing is read.</summary>
    string PicturePath(int index);
}
