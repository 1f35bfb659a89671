using Fovea.Ops.Kernels;

namespace Fovea.Tests.Ops.Kernels;

public class TransposeTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 4)]
    [InlineData(49, 16)]
    [InlineData(7, 21)]
    [InlineData(3, 64)]
    public void Rows_become_columns(int rows, int columns)
    {
        var source = Enumerable.Range(0, rows * (columns + 3)).Select(i => (float)i).ToArray();
        var target = new float[(columns - 1) * (rows + 2) + rows];
        Transpose.Run(source, columns + 3, rows, columns, target, rows + 2);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                Assert.Equal(source[row * (columns + 3) + column], target[column * (rows + 2) + row]);
        }
    }
}
