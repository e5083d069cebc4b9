// Reads an OpenAPI document from a file, and says what is wrong with it: nothing, when all is well.
import { Validator } from '@seriousme/openapi-schema-validator'

const validator = new Validator({ strict: false })
const { valid, errors } = await validator.validate(process.argv[2] ?? '')
if (!valid) console.log(JSON.stringify(errors, undefined, 1))
process.exitCode = valid ? 0 : 1
